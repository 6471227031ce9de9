"""Files as tools and people really write them: what reads, and what is said of what does not."""

import dataclasses
import hashlib
import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sdrlib.errors import UsageError
from sdrlib.sources import load
from tests.folders import activities, found, meetings, one, only, plain, reps, text, write


def test_a_fit_folder_has_no_problem(tmp_path):
    assert found(write(tmp_path)) == {}


def test_ids_stay_text_and_na_stays_a_name(tmp_path):
    """Leading zeros and the name NA are the classic losses of a spreadsheet or a data frame."""
    frame = load(str(write(tmp_path))).frames["reps"].order_by("rep_id").execute()
    assert list(frame.rep_id) == ["007", "008"]
    assert list(frame.name) == ["NA", "Zoé Lebœuf"]


@pytest.fixture(scope="module")
def as_written(tmp_path_factory):
    return plain(load(str(write(tmp_path_factory.mktemp("plain")))))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize(("delimiter", "end"), [(",", "\r"), (";", "\r\n"), ("\t", "\n"), ("|", "\r\n")])
def test_delimiter_encoding_and_line_end_never_change_the_tables(tmp_path, as_written, delimiter, encoding, end):
    assert plain(load(str(write(tmp_path, encoding=encoding, delimiter=delimiter, end=end)))) == as_written


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_cells_of_several_lines_hold_in_every_encoding(tmp_path, encoding):
    lines = 'rep_id;name;role\r\n007;"Zoé\r\nLebœuf; SDR";sdr\r\n008;B;sdr\r\n'
    frame = load(str(write(tmp_path, encoding=encoding, reps=lines))).frames["reps"].order_by("rep_id").execute()
    assert [name.replace("\r\n", "\n") for name in frame.name] == ["Zoé\nLebœuf; SDR", "B"]


def test_a_file_that_is_no_utf_8_says_how_it_was_read(tmp_path):
    problem = one(found(write(tmp_path, reps=text(reps()).encode("cp1252"))), "transcoded")
    assert problem.table == "reps.csv"
    assert problem.values == {"encoding": "cp1252"}
    assert "Zoé Lebœuf" in problem.examples[0]


def test_the_line_that_spreadsheets_put_first_is_understood(tmp_path):
    """Excel starts semicolon files with ``sep=;``."""
    tables = load(str(write(tmp_path, reps="sep=;\r\n" + text(reps(), delimiter=";", end="\r\n"))))
    assert list(tables.frames["reps"].order_by("rep_id").source_row.execute()) == [3, 4]


def test_headers_are_matched_as_people_read_them(tmp_path):
    renamed = [{k.replace("_", " ").title(): v for k, v in row.items()} for row in reps()]
    assert found(write(tmp_path, reps=renamed)) == {}


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path):
    """Empty lines count, a cell of several lines is one row, a row of empty cells is no row."""
    lines = 'rep_id,name,role\n\n007,"A\nB",sdr\n,,\n008,C,sdr\n\n\n009,D,sdr\n\n'
    frame = load(str(write(tmp_path, reps=lines))).frames["reps"].order_by("rep_id").execute()
    assert list(frame.source_row) == [3, 5, 8]
    assert frame.name[0] == "A\nB"


def test_empty_lines_are_noticed_across_the_pieces_a_large_file_is_read_in(tmp_path):
    """A megabyte is read at a time; an empty line may fall on the border, or stand pages above it."""
    long = [{"rep_id": str(n), "name": "x" * 1000, "role": "sdr"} for n in range(2200)]
    lines = text(long).splitlines(keepends=True)
    border = next(n for n in range(len(lines)) if sum(map(len, lines[: n + 1])) > 1 << 20)
    pad = (1 << 20) - sum(map(len, lines[:border])) - 1
    lines[1] = lines[1].replace("x" * 1000, "x" * (1000 + pad), 1)
    lines.insert(border, "\n")
    rows = load(str(write(tmp_path, reps="".join(lines)))).frames["reps"].execute()
    assert rows.source_row.max() == 2202
    assert sorted(rows.source_row - rows.rep_id.astype(int)) == [2] * (border - 1) + [3] * (2200 - border + 1)


def test_hostile_text_passes_through_as_text(tmp_path):
    """Nothing in a cell is run, opened or cut: escaping is the work of whoever shows it."""
    names = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "../../etc/passwd", "'; DROP TABLE reps; --", "{x} %s"]
    people = [{"rep_id": n, "name": n, "role": "sdr"} for n in names]
    rows = only(activities(), {n: {"rep_id": names[n % 5]} for n in range(8)})
    booked = only(meetings(), {n: {"rep_id": names[n]} for n in range(2)})
    folder = write(tmp_path, reps=people, activities=rows, meetings=booked)
    assert found(folder) == {}
    assert sorted(load(str(folder)).frames["reps"].name.execute()) == sorted(names)


@pytest.mark.parametrize("name", ["a*.csv", "x [1].csv", "it's.csv", "é?.csv"])
def test_file_names_are_names_never_patterns(tmp_path, name):
    (tmp_path / name).write_text("rep_id,name,role\n1,A,sdr\n")
    (tmp_path / "abc.csv").write_text("rep_id,name,role\n2,B,sdr\n")
    mapping = tmp_path / "m.toml"
    stem = name.removesuffix(".csv")
    mapping.write_text(f'[[reps]]\nfrom = "{stem}"\n[reps.columns]\nrep_id = "rep_id"\nname = "name"\nrole = "role"\n')
    assert list(load(str(tmp_path), crm=str(mapping)).frames["reps"].rep_id.execute()) == ["1"]


@pytest.mark.parametrize("header", ["REP_ID", "Rép id*", "🚨 Rep Id", "rep\u00a0id", "\ufeffrep_id", "“Rep’id”"])
def test_headers_differ_in_case_accents_apostrophes_emoji_and_stars(tmp_path, header):
    lines = f"{header},name,role\n007,A,sdr\n008,B,sdr\n"
    assert found(write(tmp_path, reps=lines)) == {}


def test_equal_columns_of_one_name_are_one(tmp_path):
    """A real export has `Affaire - Région` twice."""
    lines = "rep_id,name,Role,role\n007,A,sdr,sdr\n008,B,,\n008,B,sdr,sdr\n"
    assert "ambiguous-column" not in found(write(tmp_path, reps=lines))
    assert one(found(write(tmp_path, reps=lines.replace(",,", ",,sdr"))), "ambiguous-column").column == "role"


# ---- files that cannot be read ------------------------------------------------------------------------


def test_a_wrong_delimiter_is_said_not_guessed(tmp_path):
    problem = one(found(write(tmp_path, reps=text(reps(), delimiter="~"))), "delimiter")
    assert "rep_id~name" in problem.values["header"]


def test_a_file_of_one_column_is_fine_when_that_column_is_known(tmp_path):
    assert set(found(write(tmp_path, prospects="prospect_id\np1\n"))) == set()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty-file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 20, "not-text"),
        (b"PK\x03\x04\x14\x00\x06\x00" * 50, "not-text"),
        (b"rep_id,name\n1,\x81\x8d\x90 caf\xe9\n", "not-text"),
        (b"rep_id,name,role\n1,A,sdr\n2,B\n3,C,sdr,x\n", "ragged-row"),
        (b'rep_id,name,role\n1,"A,sdr\n2,B,sdr\n', "open-quote"),
        (b'rep_id,name,role\n1,"A"b,sdr\n2,B,sdr\n', "open-quote"),
        (b"rep_id,name,role\n1,A\x00,sdr\n", "not-text"),
        (b"rep_id,name,role\n" + b"1,A,sdr\n" * 200_000 + b"2,\x00,sdr\n", "not-text"),
        ("rep_id,name,role\n1,Zoé,sdr\n2,Zoé".encode()[:-1], "damaged-text"),
        ("rep_id,name,role\n1,Zoé,sdr\n2,é".encode() + b"\xff,sdr\n", "damaged-text"),
        (b"x" * 3_000_000, "delimiter"),
        (b"c," * 1_000_000, "too-many-columns"),
        (b"rep_id,name,role\n1," + b"x" * 3_000_000 + b",sdr\n", "open-quote"),
    ],
    ids=[
        "no bytes",
        "only a mark",
        "picture",
        "zip",
        "no encoding",
        "ragged",
        "open",
        "closed too early",
        "null byte",
        "null byte far below",
        "breaks off",
        "damaged",
        "huge",
        "a million columns",
        "cell",
    ],
)
def test_what_is_no_table_is_a_problem_and_never_a_traceback(tmp_path, content, code):
    problems = found(write(tmp_path, reps=content))
    assert one(problems, code).table == "reps.csv"
    assert "missing-table" not in problems, "the one mistake is reported once"


def test_ragged_rows_are_named_and_the_others_are_still_checked(tmp_path):
    lines = "rep_id,name,role\n007,A,sdr\n008,B\n\n008,C,sdr,x\n008,D,boss\n"
    problems = found(write(tmp_path, reps=lines))
    assert one(problems, "ragged-row").examples == ("#3 (2 ≠ 3)", "#5 (4 ≠ 3)")
    assert one(problems, "unknown-word").examples == ("#6 boss",)


def test_an_open_quote_costs_its_own_line_and_not_the_rows_below(tmp_path):
    lines = 'rep_id,name,role\n007,A,sdr\n008,"B,sdr\n009,C,sdr\n010,D"E,sdr\n011,"F" ,sdr\n012,G,sdr\n'
    folder = write(tmp_path, reps=lines)
    problem = one(found(folder), "open-quote")
    assert problem.rows == 2
    assert [e.split()[0] for e in problem.examples] == ["#3", "#6"]
    assert list(load(str(folder)).frames["reps"].order_by("rep_id").rep_id.execute()) == ["007", "009", "010", "012"]


def test_quotes_opened_all_over_a_large_file_do_not_take_minutes(tmp_path):
    lines = "rep_id,name,role\n" + "".join(f'{n},"A{n},sdr\n' for n in range(20_000))
    started = time.monotonic()
    assert one(found(write(tmp_path, reps=lines)), "open-quote").rows >= 9_000
    assert time.monotonic() - started < 60


def test_a_header_with_an_open_quote_hides_no_rows(tmp_path):
    lines = 'rep_id,name",role"\n"007","A","sdr"\n"008","B","sdr"\n'
    problems = found(write(tmp_path, reps=lines.replace('rep_id,name"', 'rep_id,"name')))
    assert problems.keys() & {"open-quote", "missing-source-column", "missing-column", "ragged-row"}


@pytest.mark.parametrize("above", [",,\n", " \n", "\n,,\n"])
def test_empty_rows_above_the_header_are_no_header(tmp_path, above):
    lines = above + "rep_id,name,role\n007,A,sdr\n008,B,sdr\n"
    assert found(write(tmp_path, reps=lines)) == {}


def test_a_wide_file_is_read_by_its_columns(tmp_path):
    """Exports of a CRM with all its custom fields have hundreds of columns; most are not wanted."""
    wide = [{**row, **{f"custom {n}": "x" for n in range(1500)}} for row in reps()]
    assert set(found(write(tmp_path, reps=wide))) == {"unknown-column"}


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path):
    (write(tmp_path, reps=None) / "reps.csv").mkdir()
    problems = found(tmp_path)
    assert one(problems, "folder-not-file").table == "reps.csv/"
    assert "missing-table" not in problems


@pytest.mark.parametrize("target", ["reps.csv", "nowhere.csv"])
def test_a_link_in_a_circle_or_to_nothing_is_told(tmp_path, target):
    (write(tmp_path, reps=None) / "reps.csv").symlink_to(tmp_path / target)
    assert one(found(tmp_path), "no-regular-file").table == "reps.csv"


def test_a_circle_of_folders_is_not_followed(tmp_path):
    (write(tmp_path) / "prospects").mkdir()
    (tmp_path / "prospects" / "again").symlink_to(tmp_path)
    load(str(tmp_path))


def test_a_file_that_may_not_be_read_is_told_with_its_reason(tmp_path, monkeypatch):
    """Permissions bind nobody who is root, so the refusal is played."""
    opened = Path.open

    def refuse(self, *given, **named):
        if self.name == "reps.csv":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *given, **named)

    folder = write(tmp_path)
    monkeypatch.setattr(Path, "open", refuse)
    assert one(found(folder), "unreadable-file").values == {"reason": "Permission denied"}


def test_a_broken_parquet_file_is_a_problem(tmp_path):
    (write(tmp_path, reps=None) / "reps.parquet").write_bytes(b"PAR1 this is not one")
    assert one(found(tmp_path), "unreadable-file").table == "reps.parquet"


def damaged(folder, table="activities", column="outcome"):
    """A Parquet file that opens well and whose text breaks off inside."""
    names = activities()[0]
    broken = {c: pa.array([b"r1", b"\xff\x00"], pa.binary()) if c == column else ["x", "y"] for c in names}
    pq.write_table(pa.table(broken), folder / f"{table}.parquet")
    return folder


@pytest.mark.parametrize("column", ["activity_id", "outcome", "prospect_id"])
def test_damage_inside_a_file_is_told_with_the_file_and_the_others_are_still_read(tmp_path, column):
    folder = damaged(write(tmp_path, activities=None, reps=only(reps(), {0: {"role": "boss"}})), column=column)
    problems = found(folder)
    assert one(problems, "unreadable-file").table == "activities.parquet"
    assert "unknown-word" in problems
    assert "missing-table" not in problems


@pytest.mark.parametrize("form", ["fifo", "name"])
def test_what_is_no_file_is_not_waited_for(tmp_path, form):
    """Reading a pipe may never end; a name may be longer than any system takes."""
    path = tmp_path / ("reps.csv" if form == "fifo" else "x" * 5000)
    if form == "fifo":
        os.mkfifo(path)
    with pytest.raises(UsageError, match="no such file"):
        load(str(path))


@pytest.mark.parametrize("ending", ["xls", "ods", "zip", "json"])
def test_what_is_of_a_kind_that_is_not_read_is_named(tmp_path, ending):
    (write(tmp_path, reps=None) / f"reps.{ending}").write_bytes(b"PK")
    problems = found(tmp_path)
    assert one(problems, "unsupported-file").table == f"reps.{ending}"
    assert "missing-table" not in problems


def test_two_files_for_one_table_are_not_chosen_between(tmp_path):
    (write(tmp_path) / "Reps.tsv").write_text("rep_id\tname\trole\n1\tA\tsdr\n")
    assert one(found(tmp_path), "ambiguous-file").values == {"files": "Reps.tsv, reps.csv"}


def test_a_misspelt_table_is_noticed(tmp_path):
    (write(tmp_path) / "oportunities.csv").write_text("opportunity_id,x\n1,2\n")
    problem = one(found(tmp_path), "misnamed-file")
    assert (problem.table, problem.values) == ("oportunities.csv", {"near": "opportunities"})


def test_files_that_no_table_is_called_after_are_named_where_a_needed_table_is_not_there(tmp_path):
    """Whoever lays the exports of a tool there learns that they were seen, and what to do with them."""
    write(tmp_path, reps=None, activities=None, meetings=None)
    (tmp_path / "appels janvier.csv").write_text("Appel;Date\n1;2026-01-02\n", encoding="utf-8")
    problems = found(tmp_path)
    assert one(problems, "no-table").table == "appels janvier.csv"
    assert "missing-table" in problems
    assert "no-table" not in found(write(tmp_path)), "what lies beside whole tables is nobody's mistake"


def test_other_files_in_the_folder_are_nobodys_business(tmp_path):
    folder = write(tmp_path)
    for name in ("truth.json", "notes.csv", ".activities.csv", "read me.pdf"):
        (folder / name).write_text("a,b\n1,2\n")
    assert found(folder) == {}


def test_a_path_that_is_not_there_says_what_is(tmp_path):
    write(tmp_path / "october")
    with pytest.raises(UsageError, match=r"Did you mean .*october\?.*there is: october\."):
        load(str(tmp_path / "octobre"))


def test_a_folder_that_may_not_be_listed_is_said(tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    with pytest.raises(UsageError, match="Permission denied"):
        load(str(tmp_path))


def test_one_file_alone_can_be_read(tmp_path):
    tables = load(str(write(tmp_path) / "reps.csv"))
    assert list(tables.frames) == ["reps"]


# ---- what is remembered of the files ------------------------------------------------------------------


def test_files_are_listed_with_rows_and_hash(tmp_path):
    folder = write(tmp_path)
    tables = load(str(folder))
    digest = hashlib.sha256((folder / "activities.csv").read_bytes()).hexdigest()
    assert [(f.name, f.rows) for f in tables.files] == [("reps.csv", 2), ("activities.csv", 8), ("meetings.csv", 2)]
    assert digest in {f.sha256 for f in tables.files}


def test_equal_data_has_an_equal_fingerprint_and_other_data_another(tmp_path):
    first, same = write(tmp_path / "a"), write(tmp_path / "b")
    other = write(tmp_path / "c", reps=only(reps(), {0: {"name": "Nb"}}))
    prints = [load(str(folder)).fingerprint for folder in (first, same, other)]
    assert prints[0] == prints[1] != prints[2]


def test_the_teams_zone_is_that_of_most_reps(tmp_path):
    people = [*reps(), {"rep_id": "009", "name": "C", "role": "sdr", "time_zone": "Europe/London"}]
    folder = write(tmp_path, reps=people)
    assert load(str(folder)).time_zone == "Europe/Paris"
    assert one(found(folder), "several-time-zones").values["zones"] == "Europe/London (1), Europe/Paris (2)"
    assert load(str(write(tmp_path, reps=[{"rep_id": "1", "name": "A", "role": "sdr"}]))).time_zone == "UTC"


def test_nothing_is_left_behind_in_memory_but_the_tables(tmp_path):
    tables = load(str(write(tmp_path)))
    backend = tables.frames["reps"].get_backend()
    stored = backend.raw_sql("select table_name from duckdb_tables() order by 1").fetchall()
    assert [name for (name,) in stored] == ["activities", "meetings", "reps"]


def test_the_connection_fetches_nothing(tmp_path):
    backend = load(str(write(tmp_path))).frames["reps"].get_backend()
    asked = "select current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"
    assert backend.raw_sql(asked).fetchall() == [(False, False)]


# ---- rows read are rows kept and rows listed ----------------------------------------------------------


def account(folder, name="reps.csv", crm=""):
    (file,) = [f for f in load(str(folder), crm=crm).files if f.name == name]
    assert file.balanced
    return file.rows, file.kept, dict(file.dropped)


def test_every_row_of_a_file_is_kept_or_listed(tmp_path):
    lines = 'rep_id,name,role\n007,A,sdr\n\n,,\n008,B\n009,"C,sdr\n010,D,boss\n'
    assert account(write(tmp_path, reps=lines)) == (4, 2, {"ragged-row": 1, "open-quote": 1})


def test_rows_that_a_mapping_leaves_or_misses_are_listed_apart(tmp_path):
    kinds = ["Call", "Call", "Call", "Test", "SMS", ""]
    (tmp_path / "calls.csv").write_text(text([{"Id": str(n), "Kind": kind} for n, kind in enumerate(kinds)]))
    crm = tmp_path / "m.toml"
    crm.write_text(
        '[[activities]]\nfrom = "calls"\nwhere = { Kind = ["call", "test"] }\nunless = { Kind = ["test"] }\n'
        'columns = { activity_id = "Id" }\n[[meetings]]\nfrom = "calls"\nwhere = { Kind = ["call"] }\n'
        'columns = { meeting_id = "Id" }\n'
    )
    assert account(tmp_path, "calls.csv", str(crm)) == (6, 3, {"left-out-rows": 1, "unselected-rows": 2})


def test_a_join_keeps_every_row_once_and_the_joined_file_is_kept_too(tmp_path):
    (tmp_path / "calls.csv").write_text("Id,Owner\n1,a\n2,b\n3,\n")
    (tmp_path / "users.csv").write_text("Key,Name\na,Ana\na,Other\n")
    crm = tmp_path / "m.toml"
    crm.write_text(
        '[[activities]]\nfrom = "calls"\njoins = [{ table = "users", on = { left = "Owner", right = "Key" } }]\n'
        'columns = { activity_id = "Id", list_name = "Name" }\n'
    )
    assert account(tmp_path, "calls.csv", str(crm)) == (3, 3, {})
    assert account(tmp_path, "users.csv", str(crm)) == (2, 2, {})


def test_a_difference_stops_the_run(tmp_path, monkeypatch):
    """Were the kit itself to lose a row, nothing would be published."""
    from sdrlib.sources import mapped

    kept = mapped.select

    def forget(*given):
        made = kept(*given)
        return dataclasses.replace(made, rows=made.rows.limit(1))

    monkeypatch.setattr(mapped, "select", forget)
    problem = found(write(tmp_path))["unaccounted-rows"][0]
    assert problem.table == "reps.csv"
