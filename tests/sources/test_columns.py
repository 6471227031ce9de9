"""How one column is written: the part that is an id, Salesforce's ids, durations, shares, formats of its own."""

import random
from string import ascii_letters, digits

import pandas as pd
import pytest

from sdrlib.errors import UsageError
from sdrlib.sources import load
from sdrlib.sources.identity import no_pattern
from tests.folders import sentences, text


def read(folder, cells, origin, column="prospect_id", more=""):
    """One canonical column out of cells, and the problems."""
    (folder / "calls.csv").write_text(text([{"n": str(i), "x": c} for i, c in enumerate(cells)]), encoding="utf-8")
    mapping = f'{more}[[activities]]\nfrom = "calls"\ncolumns = {{ {column} = {{ column = "x", {origin} }} }}\n'
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    tables = load(str(folder), crm=str(folder / "m.toml"))
    values = tables.frames["activities"].order_by("source_row")[column].execute()
    problems = {p.code: p for p in tables.problems if p.code not in {"missing-source-column"}}
    for problem in tables.problems:
        sentences(problem)
    return [None if pd.isna(v) else v for v in values], problems


def test_the_id_is_taken_out_of_an_association_and_a_cell_without_one_is_told(tmp_path):
    cells = ["Boulangeries Durand (5551)", "", "Durand", "A (1) (2)"]
    values, problems = read(tmp_path, cells, r"extract = '\((\d+)\)$'")
    assert values == ["5551", None, None, "2"]
    assert problems["not-extracted"].examples == ("#4 Durand",)


def test_a_list_of_ids_is_taken_from_or_refused_as_the_pattern_says(tmp_path):
    assert read(tmp_path, ["8001;8002"], "extract = '^([^;]+)'")[0] == ["8001"]
    values, problems = read(tmp_path, ["8001;8002", "8003"], r"extract = '^(\d+)$'")
    assert values == [None, "8003"]
    assert problems["not-extracted"].rows == 1


def test_ids_of_salesforce_meet_in_both_spellings_and_nobody_is_nobody(tmp_path):
    """The documented examples of the three letters, and one whose capitals a spreadsheet's function lost."""
    cells = [
        "00TE000000LVhfO",
        "00TE000000LVhfOMAT",
        "000000000000000AAA",
        "000000000000000",
        "005e0000001eiouiaq",
        "x1",
    ]
    values, problems = read(tmp_path, cells, 'id = "salesforce"')
    assert values == ["00TE000000LVhfOMAT", "00TE000000LVhfOMAT", None, None, "005e0000001eiouiaq", "x1"]
    assert problems["strange-id"].examples == ("#6 005e0000001eiouiaq", "#7 x1")


def spelt(short):
    """Salesforce's long spelling as its documentation words it: five characters at a time, the last bit first."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    bits = ["".join("1" if c.isascii() and c.isupper() else "0" for c in short[i : i + 5])[::-1] for i in (0, 5, 10)]
    return short + "".join(letters[int(b, 2)] for b in bits)


def test_every_short_id_of_salesforce_gets_the_documented_long_one():
    import ibis

    from sdrlib.sources.identity import is_strange, salesforce

    draw = random.Random(1)  # noqa: S311 - not for secrets
    ids = ["001" + "".join(draw.choices(ascii_letters + digits, k=12)) for _ in range(2000)]
    rows = ibis.memtable({"i": range(len(ids)), "short": ids, "long": [spelt(i) for i in ids]})
    made = rows.select("i", made=salesforce(rows.short), strange=is_strange(rows.long)).order_by("i").execute()
    assert list(made.made) == [spelt(i) for i in ids]
    assert not made.strange.any()


def test_ids_stay_text_whatever_they_look_like(tmp_path):
    cells = ["5805028000000001234", "zcrm_5805028000000001234", "NA", "null", "None", "007", "1e5", "nan", "12e45678"]
    values, problems = read(tmp_path, cells, 'table = ""')
    assert (values, problems) == (cells, {})


@pytest.mark.parametrize("cell", ["1.23457E+18", "1,23457E+18", "5E+18"])
def test_an_id_that_a_spreadsheet_made_a_number_is_told_as_lost(tmp_path, cell):
    assert read(tmp_path, [cell], 'table = ""')[1]["lossy-id"].examples == (f"#2 {cell}",)


@pytest.mark.parametrize(
    ("cell", "unit", "seconds"),
    [
        ("16:26:23", "duration", 59_183), ("1 day, 16:26:23", "duration", 145_583), ("2h 5m", "duration", 7_500),
        ("2 h 5 min 3 s", "duration", 7_503), ("45s", "duration", 45), ("1 j 2 h", "duration", 93_600),
        ("0:00:00", "duration", 0), ("8:06", "m:ss", 486), ("90:00", "m:ss", 5_400), ("1:08:06", "m:ss", 4_086),
        ("8:06", "h:mm", 29_160), ("45 %", "percent", 0.45), ("45", "percent", 0.45),
    ],
)  # fmt: skip
def test_a_unit_says_how_numbers_are_written(tmp_path, cell, unit, seconds):
    values, problems = read(tmp_path, [cell], f'unit = "{unit}"', "duration_s")
    assert (values, problems) == ([pytest.approx(seconds)], {})


@pytest.mark.parametrize(
    ("cell", "unit"), [("8:06", "duration"), ("61", "duration"), ("soon", "m:ss"), ("1:2:3", "duration")]
)
def test_what_could_mean_two_durations_is_none(tmp_path, cell, unit):
    values, problems = read(tmp_path, [cell], f'unit = "{unit}"', "duration_s")
    assert (values, problems["bad-number"].rows) == ([None], 1)


def test_a_scale_follows_the_unit(tmp_path):
    assert read(tmp_path, ["61500"], "scale = 0.001", "duration_s")[0] == [61.5]
    assert read(tmp_path, ["0:01:00"], 'unit = "duration", scale = 2', "duration_s")[0] == [120]


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("12 500,50", ",", 12500.5), ("12\u00a0500,50", ",", 12500.5), ("12\u202f500,50", ",", 12500.5),
        ("1 234,0 €", ",", 1234), ("(1 234,00)", ",", -1234), ("EUR 12,5", ",", 12.5), ("12,5 EUR", ",", 12.5),
        ("$1,234.00", ".", 1234), ("(1,234.00)", ".", -1234), ("-$5.00", ".", -5), ("($5.00)", ".", -5),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(tmp_path, cell, decimal, number):
    values, problems = read(tmp_path, [cell], "scale = 1", "duration_s", f'decimal = "{decimal}"\n')
    assert (values, problems) == ([number], {})


@pytest.mark.parametrize("cell", ["-(5)", "(-5)", "--5", "(5", "€", "12.5", "1,2,3", "XEUR 5"])
def test_amounts_that_could_mean_two_things_are_none(tmp_path, cell):
    assert read(tmp_path, [cell], "scale = 1", "duration_s", 'decimal = ","\n')[1]["bad-number"].rows == 1


def test_a_columns_own_formats_come_in_place_of_the_mappings(tmp_path):
    more = 'time_zone = "UTC"\ndates = ["%m/%d/%Y"]\n'
    values, _ = read(tmp_path, ["03/02/2026"], 'dates = ["%d/%m/%Y"]', "at", more)
    assert values == [pd.Timestamp("2026-02-03T00:00Z")]


@pytest.mark.parametrize(
    ("origin", "column", "said"),
    [
        ("extract = '('", "prospect_id", "cannot be used"),
        ("extract = 'a'", "prospect_id", "0 groups"),
        (r"extract = '(a)(b)'", "prospect_id", "2 groups"),
        (r"extract = '(?=a)(b)'", "prospect_id", "cannot be used"),
        ('unit = "minutes"', "duration_s", "unit"),
        ('unit = "duration"', "prospect_id", "unit is for number"),
        ('dates = ["%d"]', "prospect_id", "dates is for time and date"),
        ('dates = ["DD/MM"]', "at", "no strptime format"),
        ('id = "hubspot"', "prospect_id", "id"),
        ('id = "salesforce"', "duration_s", "id is for text"),
    ],
)
def test_what_a_column_cannot_say_is_refused_before_any_data_is_read(tmp_path, origin, column, said):
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        read(tmp_path, ["x"], origin, column)


def test_a_pattern_is_one_that_the_database_understands():
    assert no_pattern(r"\((\d+)\)$") == ""
    assert no_pattern(r"(\w+)\1") != ""
