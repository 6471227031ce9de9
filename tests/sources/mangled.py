"""Exports damaged in every way that people, tools and transports damage them, and what must hold for each.

``python -m tests.sources.mangled --mutations 10000`` uses all processors and prints what the mutations ended in; with
``--cells`` only the way from bytes to cells, and every cell is compared with an independent reading.
"""

import argparse
import csv
import io
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sdrlib.errors import KitError
from sdrlib.sources import load
from sdrlib.sources.delimited import read_header
from sdrlib.sources.finding import Input, find
from sdrlib.sources.fold import fold_header
from sdrlib.sources.reading import ROW, Desk, connect, read_input
from sdrlib.words import Words
from tests.sources.styles import STYLES

LONGEST_SECONDS = 120
UNREAD = {
    "empty-file", "not-text", "damaged-text", "delimiter", "unreadable-file", "too-many-columns", "which-sheet",
    "missing-file", "folder-not-file", "no-regular-file",
}  # fmt: skip
BROKEN = {"ragged-row", "open-quote"}
OF_CELLS = {
    "bad-time", "naive-time", "bad-date", "bad-number", "bad-flag", "not-extracted", "ambiguous-dates", "mixed-dates",
    "unknown-word", "wrong-type", "unknown-label", "wrong-channel", "lossy-id",
}  # fmt: skip
BLANKS = " \t\r\n\v\f\u00a0\u202f\u2007\ufeff"


@dataclass
class Export:
    """A file in the making: cells first, then text, then bytes."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str
    end: str
    encoding: str
    text: str = ""
    content: bytes = b""


# ---- what can happen to cells -------------------------------------------------------------------------


def shuffle_columns(e, r):
    order = r.sample(range(len(e.header)), len(e.header))
    e.header = [e.header[i] for i in order]
    e.rows = [[row[i] for i in order] for row in e.rows]


def drop_column(e, r):
    i = r.randrange(len(e.header))
    e.header.pop(i)
    for row in e.rows:
        row.pop(i)


def double_column(e, r):
    i = r.randrange(len(e.header))
    e.header.append(e.header[i])
    other = r.random() < 0.5
    for row in e.rows:
        row.append(row[i] + "x" if other else row[i])


def respell_header(e, r):
    ways = (str.upper, str.title, lambda h: h + "*", lambda h: "🚨 " + h, lambda h: h.replace(" ", "\u00a0"),
            lambda h: h.replace("é", "e"), lambda h: h.replace("'", "’"), lambda h: f" {h} ")  # fmt: skip
    e.header = [r.choice(ways)(h) for h in e.header]


def repeat_header(e, r):
    e.rows.insert(r.randrange(len(e.rows) + 1), list(e.header))


def repeat_rows(e, r):
    e.rows += [list(row) for row in r.sample(e.rows, min(3, len(e.rows)))]


def mix_dates(e, r):
    forms = ("13/02/2026", "02/13/2026", "03/04/2026", "27.06.2023 11:28", "20-10-16", "45631.5",
             "1760000000", "3 févr. 2026", "2/3/2026 9:30 PM", "2026-02-30", "soon", "0000-00-00",
             "2026-02-01T25:00:00Z")  # fmt: skip
    for row in e.rows:
        for i, cell in enumerate(row):
            if "2026" in cell and r.random() < 0.5:
                row[i] = r.choice(forms)


def one_order(e, r):
    form = r.choice(("{d:02}/{m:02}/2026", "{m:02}/{d:02}/2026 10:00", "{d}.{m}.2026 9:05", "{d:02}-{m:02}-26"))
    last = r.choice((12, 28))
    for row in e.rows:
        for i, cell in enumerate(row):
            if "2026" in cell:
                row[i] = form.format(d=r.randint(1, last), m=r.randint(1, 12))


def change_cells(e, r):
    odd = ("=cmd|' /C calc'!A0", "+1", "@SUM(1)", "NA", "null", "None", "nan", "inf", "-", "1e999", "(1,234.00)",
           "45 %", "1.23457E+18", "\u202e evil", "é" * 300, "a\nb", "a\r\nb", 'a"b', "a;b,c\td|e", "\u00a0", "😀",
           "<b>", "0", "12 500,50", "$1,234.00", "#N/A", "{x}", "%s", "\ufeff", "'", "\\", '"', '""')  # fmt: skip
    for _ in range(r.randint(1, 20)):
        if e.rows:
            row = r.choice(e.rows)
            row[r.randrange(len(row))] = r.choice(odd)


def huge_cell(e, r):
    if e.rows:
        row = r.choice(e.rows)
        row[r.randrange(len(row))] = "x" * r.choice((70_000, 200_000, 1_100_000))


def only_header(e, r):
    e.rows = []


def many_columns(e, r):
    more = r.choice((50, 300, 5000))
    e.header += [f"custom {i}" for i in range(more)]
    e.rows = [row + [""] * more for row in e.rows]


# ---- to the text --------------------------------------------------------------------------------------


def _insert(e, r, what):
    at = r.randrange(len(e.text) + 1)
    e.text = e.text[:at] + what + e.text[at:]


def stray_quotes(e, r):
    for _ in range(r.randint(1, 4)):
        _insert(e, r, '"')


def null_bytes(e, r):
    _insert(e, r, "\x00" * r.randint(1, 3))


def mark_in_the_middle(e, r):
    _insert(e, r, "\ufeff")


def mix_line_ends(e, r):
    e.text = "".join(r.choice(("\r\n", "\n", "\r")) if c == "\n" else c for c in e.text.replace("\r\n", "\n"))


def blank_lines(e, r):
    lines = e.text.split(e.end)
    for _ in range(r.randint(1, 5)):
        lines.insert(r.randrange(len(lines) + 1), r.choice(("", " ", e.delimiter * (len(e.header) - 1), "\t")))
    e.text = e.end.join(lines)


def swap_delimiter(e, r):
    e.text = e.text.replace(e.delimiter, r.choice((",", ";", "\t", "|", "~", " ")))


def say_delimiter(e, r):
    e.text = f"sep={r.choice((e.delimiter, ';'))}{e.end}{e.text}"


def title_above(e, r):
    e.text = r.choice(("Report: calls", "Exported 2026-03-01, by Ana", '"a ""title"""')) + e.end + e.text


def footer_below(e, r):
    e.text += r.choice(("Total: 12", "Confidential Information - Do Not Distribute", e.delimiter * 3, "\x1a")) + e.end


def lose_a_line_end(e, r):
    lines = e.text.split(e.end)
    i = r.randrange(max(1, len(lines) - 1))
    e.text = e.end.join([*lines[:i], "".join(lines[i : i + 2]), *lines[i + 2 :]])


def trailing_delimiter(e, r):
    e.text = "".join(line + e.delimiter + e.end if r.random() < 0.5 else line + e.end for line in e.text.split(e.end))


# ---- to the bytes -------------------------------------------------------------------------------------


def truncate(e, r):
    e.content = e.content[: r.randrange(len(e.content) + 1)]


def flip_bytes(e, r):
    content = bytearray(e.content)
    for _ in range(r.randint(1, 5)):
        if content:
            content[r.randrange(len(content))] = r.randrange(256)
    e.content = bytes(content)


def append_another(e, r):
    e.content += e.content


def swap_halves(e, r):
    half = len(e.content) // 2
    e.content = e.content[half:] + e.content[:half]


ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "latin-1",
    "mac_roman",
    "utf-32",
    "cp437",
)
OF_CELL = (shuffle_columns, drop_column, double_column, respell_header, repeat_header, repeat_rows, mix_dates,
           one_order, change_cells, change_cells, huge_cell, only_header, many_columns)  # fmt: skip
OF_TEXT = (stray_quotes, null_bytes, mark_in_the_middle, mix_line_ends, blank_lines, swap_delimiter, say_delimiter,
           title_above, footer_below, lose_a_line_end, trailing_delimiter)  # fmt: skip
OF_BYTES = (truncate, flip_bytes, append_another, swap_halves)


def plain_of(style):
    """A style's export with nothing done to it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=style.delimiter, lineterminator=style.end)
    writer.writerows([style.header, *style.rows])
    return out.getvalue().encode(style.encoding)


def mangle(style, seed):
    """One mutation: the damaged bytes, and what was done."""
    r = random.Random(seed)  # noqa: S311 - not for secrets
    e = Export(list(style.header), [list(row) for row in style.rows], style.delimiter, style.end, style.encoding)
    done = []
    for pool, share in ((OF_CELL, 0.7), (OF_TEXT, 0.5), (OF_BYTES, 0.25)):
        chosen = r.sample(pool, r.randint(1, 2)) if r.random() < share else []
        if pool is OF_TEXT:
            out = io.StringIO(newline="")
            quoting = r.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
            csv.writer(out, delimiter=e.delimiter, lineterminator=e.end, quoting=quoting).writerows([e.header, *e.rows])
            e.text = out.getvalue()
        elif pool is OF_BYTES:
            e.encoding = r.choice(ENCODINGS) if r.random() < 0.3 else e.encoding
            e.content = e.text.encode(e.encoding, errors="replace")
        for change in chosen:
            change(e, r)
            done.append(change.__name__)
    return e.content, [*done, e.encoding]


def workbook_of(style, seed):
    """The same cells as a workbook, some of them typed, then damaged as bytes."""
    import xlsxwriter

    r = random.Random(seed)  # noqa: S311 - not for secrets
    e = Export(list(style.header), [list(row) for row in style.rows], ",", "\n", "utf-8")
    done = r.sample(OF_CELL, r.randint(0, 2))
    for change in done:
        change(e, r)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_numbers": r.random() < 0.5, "strings_to_formulas": False}) as book:
        for name in r.choice((["export"], ["Sheet1"], ["export", "notes"], ["a", "b"])):
            sheet = book.add_worksheet(name)
            top = r.choice((0, 0, 2))
            for number, row in enumerate([e.header, *e.rows]):
                sheet.write_row(top + number, 0, [cell[:32_000] for cell in row])
    e.content = out.getvalue()
    if r.random() < 0.5:
        change = r.choice(OF_BYTES)
        change(e, r)
        done.append(change)
    return e.content, [*(change.__name__ for change in done), "xlsx"]


# ---- what must hold -----------------------------------------------------------------------------------


def read(folder, style, content, ending="csv"):
    """Load one damaged file, and fail on anything but tables or listed problems."""
    stem = "export" if "from" in style.mapping else style.table
    path = Path(folder) / f"{stem}.{ending}"
    path.write_bytes(content)
    crm = Path(folder) / "mapping.toml"
    crm.write_text(style.mapping, encoding="utf-8")
    tables = load(str(path), crm=str(crm))
    words = Words("fr")
    assert all(words.problem_text(p) for p in tables.problems)
    verify(style, path, tables)
    path.unlink()
    codes = {p.code for p in tables.problems}
    return "unread" if codes & UNREAD else "rows listed" if codes & BROKEN else "cells listed" if codes else "clean"


def read_cells(folder, style, content, ending="csv"):
    """The first half of the way alone, a tenth of the time: what the file layer has is what any reader sees."""
    path = Path(folder) / f"export.{ending}"
    path.write_bytes(content)
    desk = Desk(connect(), Path(folder))
    wanted = frozenset(map(fold_header, style.header))
    raw = read_input(desk, Input("export", path.name, (path,), find(str(path)).inputs["export"].kind), wanted)
    words = Words("en")
    assert all(words.problem_text(p) for p in desk.problems)
    codes = {p.code for p in desk.problems}
    if raw is None:
        assert codes & (UNREAD | {"missing-extra"}), codes
    else:
        _verify_raw(path, desk, raw, codes)
    path.unlink()
    return "unread" if codes & UNREAD else "rows listed" if codes & BROKEN else "cells listed" if codes else "clean"


def _verify_raw(path, desk, raw, codes):
    (file,) = desk.files
    shown = raw.table.order_by(ROW).execute()
    assert file.rows == len(shown) + sum(rows for _, rows in file.dropped)
    if path.suffix != ".csv":
        return
    records = _filled(_records(path, desk))
    if codes & BROKEN:
        assert file.rows >= len(records) - 1
        return
    assert file.rows == len(records) - 1, (file.rows, len(records) - 1)
    for place in (int(c[1:]) for c in shown.columns if c != ROW):
        mine = ["" if cell is None or cell != cell else _one_end(cell) for cell in shown[f"c{place}"]]
        assert mine == [_one_end(row[place]) for row in records[1:]], raw.columns[place]


def _filled(rows):
    """A row of the header's width is one when it has any character; another, when it has more than blanks."""
    width = next((len(row) for row in rows if any(cell.strip(BLANKS) for cell in row)), 0)
    return [row for row in rows if any(row if len(row) == width else [cell.strip(BLANKS) for cell in row])]


def _one_end(cell):
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def verify(style, path, tables):
    """Nothing is lost in silence: neither a row nor a cell."""
    codes = {p.code for p in tables.problems}
    assert "unaccounted-rows" not in codes
    assert len(tables.files) <= 1
    assert all(f.balanced for f in tables.files)
    frame = tables.frames.get(style.table)
    if frame is None:
        assert codes, "no table, and no reason"
        return
    (file,) = tables.files
    assert int(frame.count().execute()) == file.kept
    if path.suffix != ".csv" or codes & UNREAD:
        return
    records = _filled(_records(path, tables))
    if codes & BROKEN:
        assert file.rows >= len(records) - 1
        return
    assert file.rows == len(records) - 1, (file.rows, len(records) - 1)
    if records and not file.dropped:
        _verify_cells(style, tables, frame, records)


def _records(path, tables):
    """As any reader of such files sees them: an independent count."""
    encoding = next((p.values["encoding"] for p in tables.problems if p.code == "transcoded"), "utf-8-sig")
    text = path.read_bytes().decode(encoding)
    csv.field_size_limit(10_000_000)
    copy = path.with_suffix(".copy")
    copy.write_text(text, encoding="utf-8", newline="")
    delimiter = read_header(copy).delimiter
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    declared = text.lstrip().strip('"')[:4].lower() == "sep="
    return rows[1 + next(i for i, row in enumerate(rows) if row[0].strip()) :] if declared else rows


def _verify_cells(style, tables, frame, records):
    """A filled cell that became nothing is one of those that a problem of its column counts."""
    titles = [title.strip() for title in records[0]]
    for column, title in style.sources.items():
        if titles.count(title) == 1 and column in frame.columns:
            place = titles.index(title)
            filled = sum(bool(row[place].strip(BLANKS)) for row in records[1:] if place < len(row))
            kept = int(frame[column].count().execute())
            told = sum(p.rows for p in tables.problems if p.column == column and p.code in OF_CELLS)
            assert filled - kept <= told, (column, filled, kept, told)


def attempt(seed, way=read):
    """One mutation of one style; what it ended in, how long it took, and the traceback if it is a fault."""
    style, is_workbook = STYLES[seed % len(STYLES)], seed % 13 == 0
    content, done = (workbook_of if is_workbook else mangle)(style, seed)
    signal.alarm(LONGEST_SECONDS)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            ending, fault = way(folder, style, content, "xlsx" if is_workbook else "csv"), ""
        except KitError as error:
            ending, fault = "refused", f"{error}"
        except BaseException:
            ending, fault = "FAULT", traceback.format_exc()
        finally:
            signal.alarm(0)
    return ending, time.monotonic() - started, f"{seed} {style.name} {done}\n{fault}" if fault else ""


def _prepare():
    def give_up(*_):
        raise TimeoutError(f"more than {LONGEST_SECONDS} s")

    signal.signal(signal.SIGALRM, give_up)


def run(mutations, first=0, processes=None, say=lambda fault: None, way=read):
    """Try many; the counts of how they ended, the faults, and the longest time in seconds."""
    ends, faults, longest = Counter(), [], 0.0
    clean = get_context("spawn")  # a copy of a process in which a database has run may hang
    with ProcessPoolExecutor(processes, clean, initializer=_prepare) as pool:
        for ending, seconds, fault in pool.map(
            partial(attempt, way=way), range(first, first + mutations), chunksize=20
        ):
            ends[ending] += 1
            longest = max(longest, seconds)
            if fault:
                faults.append(fault)
                say(fault)
    return ends, faults, longest


def _say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--cells", action="store_true", help="only from bytes to cells")
    parser.add_argument("--first", type=int, default=0, help="seed of the first one")
    asked = parser.parse_args()
    ends, faults, longest = run(asked.mutations, asked.first, say=_say, way=read_cells if asked.cells else read)
    for ending, count in sorted(ends.items()):
        _say(f"{ending:>14} {count}")
    _say(f"{sum(ends.values())} mutations, {len(faults)} faults, the longest took {longest:.1f} s")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
