"""Some hundreds of damaged exports end in tables or in listed problems, and lose neither a row nor a cell in silence.

Thousands: ``python -m tests.sources.mangled --mutations 10000``.
"""

import pytest

from tests.sources import mangled
from tests.sources.styles import STYLES

KNOWN = {
    0: "a workbook of thousands of columns",
    142: "a header with an open quote hid every row below it",
    187: "a header with a stray quote hid every row, and nothing was said",
    192: "lines of blanks between rows",
    234: "a broken archive under a good header",
    253: "cells of a proved order beside an open one were lost",
    1182: "a row of empty cells was taken for the header",
    1295: "a blank line above the header made a row of it",
}


@pytest.mark.parametrize("seed", KNOWN, ids=KNOWN.values())
def test_what_a_mutation_once_broke_stays_mended(seed):
    assert mangled.attempt(seed)[2] == ""


def test_no_mutation_ends_in_a_traceback_or_a_silent_loss():
    ends, faults, longest = mangled.run(30, first=5000)
    assert faults == []
    assert sum(ends.values()) == 30
    assert set(ends) <= {"clean", "cells listed", "rows listed", "unread"}, ends
    assert longest < mangled.LONGEST_SECONDS


def test_every_cell_of_a_mutation_is_the_one_that_any_reader_sees():
    ends, faults, _ = mangled.run(200, first=6000, way=mangled.read_cells)
    assert faults == []
    assert ends["clean"] > 30
    assert ends["unread"] > 10


def test_every_style_reads_without_a_problem_when_nothing_is_done_to_it(tmp_path):
    """Else the mutations would start from a file that is damaged already. Rows of no interest are told as such."""
    for style in STYLES:
        e = mangled.plain_of(style)
        assert mangled.read(tmp_path, style, e) in {"clean", "cells listed"}, style.name


def test_a_loss_would_be_noticed(tmp_path, monkeypatch):
    """The check that every mutation passes fails when a row is dropped on the way."""
    from sdrlib.sources import delimited

    inside = delimited.csv.writer

    class Forgetful:
        def __init__(self, *given, **named):
            self.writer, self.written = inside(*given, **named), 0

        def writerow(self, row):
            self.written += 1
            return self.writer.writerow(row) if self.written != 3 else None

    style = STYLES[3]
    content = mangled.plain_of(style).replace(b"\r\n", b"\r\n\r\n")  # empty lines: read with care
    mangled.read(tmp_path, style, content)
    monkeypatch.setattr(delimited.csv, "writer", Forgetful)
    with pytest.raises(AssertionError):
        mangled.read(tmp_path, style, content)
