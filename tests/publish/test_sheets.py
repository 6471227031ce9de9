"""Figures for a spreadsheet: the same numbers as the pages, in the reader's language, and no text becomes a formula."""

import csv
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from sdrlib.publish.sheets import Figures, write_csv, write_xlsx
from sdrlib.records import Evidence
from tests.publish import example_briefs as examples

HOSTILE = ("=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "https://a.example/", "007")


@pytest.fixture(scope="module")
def evidence():
    """A team whose names, ids and teams would like to be formulas, links and numbers."""
    reps = pd.DataFrame({"rep_id": list(HOSTILE), "name": [f"{text} name" for text in HOSTILE], "team": HOSTILE[::-1]})
    unknown = {"rate": None, "low": float("nan"), "ratio": None, "high": None}
    found = [
        replace(finding, rep_id=rep, **(unknown if finding.measure == "reply_rate" else {}))
        for rep in HOSTILE
        for finding in examples.findings().values()
    ]
    rates = {"connect_rate": 0.0805, "reply_rate": 0.0538, "calls_per_day": 85.3}
    return Evidence(tuple(found), rates, examples.facts(), SimpleNamespace(reps=reps))


@pytest.fixture(scope="module")
def sheets(evidence, tmp_path_factory):
    path = tmp_path_factory.mktemp("sheets") / "evidence.xlsx"
    write_xlsx(Figures.of(evidence), path, "fr")
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_overview_has_a_row_a_person_in_alphabetical_order_and_the_team_last(sheets):
    head, *rows = sheets["Vue d’ensemble"]
    assert head == ["Nom", "Équipe", "Identifiant", "Taux de décroché", "Verdict", "Taux de réponse", "Verdict",
                    "Appels par jour", "Verdict"]  # fmt: skip
    names = [row[0] for row in rows]
    assert names[:-1] == sorted(names[:-1])
    assert rows[-1][0] == "L’équipe"
    assert rows[-1][3] == pytest.approx(0.0805)
    assert rows[0][3] == pytest.approx(412 / 5120)
    assert rows[0][4] == "conforme"


def test_unknown_is_an_empty_cell_never_zero(sheets):
    assert all(row[5] == "" for row in sheets["Vue d’ensemble"][1:-1])
    figures = [row for row in sheets["Chiffres"] if row[2] == "Taux de réponse"]
    assert figures
    assert all(row[5] == row[7] == row[8] == row[9] == "" for row in figures)


def test_every_figure_has_its_counts(sheets):
    head, *rows = sheets["Chiffres"]
    assert head[3:6] == ["Succès", "Essais", "Taux"]
    assert len(rows) == len(HOSTILE) * len(examples.ORDER)
    connected = next(row for row in rows if row[2] == "Taux de décroché")
    assert connected[3:5] == [412.0, 5120.0]
    assert connected[7] == pytest.approx(412 / 5120 / 0.082 - 1)


def test_the_text_of_the_data_is_text_in_the_workbook(sheets):
    ids = {row[2] for row in sheets["Vue d’ensemble"][1:-1]}
    assert ids == set(HOSTILE)


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(evidence, tmp_path):
    from zipfile import ZipFile

    write_xlsx(Figures.of(evidence), tmp_path / "a.xlsx", "en")
    with ZipFile(tmp_path / "a.xlsx") as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert not [name for name, part in parts.items() if b"<f>" in part or b"<hyperlink" in part]


def test_equal_evidence_gives_equal_bytes(evidence, tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx(Figures.of(evidence), tmp_path / name, "en")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_csv_holds_every_record_and_no_cell_that_a_spreadsheet_runs(evidence, tmp_path):
    write_csv(evidence, tmp_path / "evidence.csv")
    with (tmp_path / "evidence.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(evidence.findings)
    ids = {row["rep_id"] for row in rows}
    assert ids == {text if text in {"007", "https://a.example/"} else f"'{text}" for text in HOSTILE}
    assert {row["rate"] for row in rows if row["measure"] == "reply_rate"} == {""}
    assert float(next(r for r in rows if r["measure"] == "connect_rate")["rate"]) == 412 / 5120
