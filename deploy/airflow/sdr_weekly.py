"""Weekly coaching reports from Airflow 3: it calls the command, which checks, publishes and tells as anywhere else.

A run looks from the end of its own interval, so that one made later (a retry, a backfill) says what it would have said.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="sdr_weekly",
    schedule="30 6 * * 1",
    start_date=datetime(2026, 1, 5),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=20), "execution_timeout": timedelta(hours=6)},
    tags=["sales development"],
) as dag:
    BashOperator(
        task_id="report",
        bash_command=(
            "umask 077; /opt/sdr/.venv/bin/sdr report --config /etc/sdr/sdr.toml "
            "--as-of {{ data_interval_end | ds }} --out /var/lib/sdr/reports"
        ),
        skip_on_exit_code=75,  # another run is at work
        append_env=True,
    )
