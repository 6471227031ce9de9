"""Files about everybody, written anew without one person: what they say of the others stays as it was."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sdrlib.errors import UsageError
from sdrlib.publish import history, index, sheets
from sdrlib.publish.brief import read_brief
from sdrlib.publish.earlier import earlier
from sdrlib.publish.markup import el
from sdrlib.publish.runs import MANIFEST
from sdrlib.publish.traces import Sought, read_json, whose
from sdrlib.records import TEAM, Brief, Rendered
from sdrlib.words import Words


def index_page(folder: Path, sought: Sought, team: bool) -> bytes:
    """The page that opens a run, made anew from the briefs of the others."""
    told = read_json(folder / MANIFEST) or {}
    language = str(told.get("settings", {}).get("language", "en"))
    others, note = list(briefs(folder, sought)), _note(Words(language), team)
    if not others:
        return str(el("html", el("body", el("p", note)), lang=language)).encode()
    groups = {brief.person.rep_id: brief.person.team for brief in others if brief.person.team}
    text = index.page(
        others[0].facts,
        [brief.advice for brief in others],
        list(_rendered(folder, told, others, sought, team)),
        language=language,
        teams=groups if len({*groups.values()}) > 1 else {},
        earlier=earlier(folder),
        note=note,
    )
    return text.encode()


def briefs(folder: Path, sought: Sought) -> Iterator[Brief]:
    """Of the others; another version's cannot be read, and its page is opened by name."""
    for path in sorted(folder.rglob("*.json")):
        with suppress(UsageError):
            if whose(path) not in (None, TEAM, sought.rep_id):
                yield read_brief(path)


def _note(words: Words, team: bool) -> str:
    if team:
        return words.say(
            "A person’s report was removed from this run on request, and with it the team’s, which named everybody; "
            "sums over the team still count that person."
        )
    return words.say(
        "A person’s report was removed from this run on request; sums over the team still count that person."
    )


def _rendered(
    folder: Path, manifest: Mapping[str, Any], briefs: Sequence[Brief], sought: Sought, team: bool
) -> Iterator[Rendered]:
    names = {brief.person.rep_id: brief.person.name for brief in briefs}
    for report in manifest.get("reports", ()):
        rep = report["rep_id"]
        if rep == sought.rep_id or (team and rep == TEAM):
            continue
        yield Rendered(
            rep,
            names.get(rep, rep),
            report["state"],
            folder / report["file"] if report["file"] else None,
            report["seconds"],
            report["error"] or "",
            report["audience"],
            tuple(folder / name for name in report["files"]),
        )


def manifest(path: Path, sought: Sought, teams: frozenset[Path]) -> bytes:
    """Without the person's and the team's reports; hashes are those of the files as they are now."""
    tree, folder = sought.without(read_json(path)), path.parent
    gone = {team.relative_to(folder).as_posix() for team in teams if team.is_relative_to(folder)}
    if gone:
        tree["reports"] = [report for report in tree.get("reports", ()) if report["rep_id"] != TEAM]
    tree["sha256"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in tree["sha256"]
        if name not in gone and (folder / name).is_file()
    }
    return json_text({**tree, "erased": int(tree.get("erased", 0)) + 1})


def table(path: Path, sought: Sought) -> bytes | None:
    """The rows of everybody else; None where the person has none."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = pq.read_table(path)
    if "rep_id" not in rows.column_names:
        return None
    others = rows.filter(pc.not_equal(rows["rep_id"].cast(pa.string()), sought.rep_id))
    if others.num_rows == rows.num_rows:
        return None
    written = io.BytesIO()
    pq.write_table(others, written)
    return written.getvalue()


def records(path: Path, sought: Sought) -> bytes | None:
    """The same of a file of comma-separated values; an id that begins like a formula bears an apostrophe there."""
    text = path.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    others = [row for row in rows if str(row.get("rep_id")).removeprefix("'") != sought.rep_id.removeprefix("'")]
    return None if len(others) == len(rows) else csv_text(others, list(rows[0]), "\n")


def workbook(path: Path, others: Sequence[Brief]) -> bytes:
    """The workbook, made anew from the briefs of the others, whose rates of the team still count everybody."""
    figures = sheets.Figures(
        people={brief.person.rep_id: (brief.person.name, brief.person.team) for brief in others},
        findings={brief.person.rep_id: brief.findings for brief in others},
        team_rates=others[0].typical,
        facts=others[0].facts,
    )
    made = path.with_name(f".{path.name}.part")
    sheets.write_xlsx(figures, made, str(read_json(path.with_name(MANIFEST))["settings"]["language"]))
    content = made.read_bytes()
    made.unlink()
    return content


def lines(path: Path, sought: Sought) -> bytes | None:
    """The history, or any other file of one record a line; None where the person is in none."""
    before = path.read_bytes()
    if path.name == history.FILE:
        made = history.rewritten(before, partial(_without, sought), lambda line: _named(line, sought))
    else:
        made = (kept for line in before.splitlines() if (kept := _record(line, sought)) is not None)
    after = b"".join(line + b"\n" for line in made)
    return None if after.split() == before.split() else after


def _without(sought: Sought, entry: history.Entry) -> history.Entry | None:
    findings = {rep: found for rep, found in entry.findings.items() if rep != sought.rep_id}
    return replace(entry, findings=findings) if findings else None


def _record(line: bytes, sought: Sought) -> bytes | None:
    """A line as it is where it says nothing of the person; without the person; or None."""
    try:
        tree = json.loads(line)
    except ValueError:
        return None if _named(line, sought) else line
    kept = sought.without([tree])
    if kept == [tree]:
        return line
    return json.dumps(kept[0], ensure_ascii=False).encode() if kept else None


def _named(line: bytes, sought: Sought) -> bool:
    text = line.decode(errors="replace")
    return sought.in_text(text) or json.dumps(sought.rep_id) in text


def text(path: Path, sought: Sought) -> bytes | None:
    """The lines that say nothing of the person; None where that is all of them."""
    before = path.read_bytes().splitlines(keepends=True)
    after = [line for line in before if not sought.in_text(line.decode(errors="replace"))]
    return None if after == before else b"".join(after)


def csv_text(rows: Sequence[Mapping[str, str]], columns: Sequence[str], end: str = "\r\n") -> bytes:
    """Rows as comma-separated values, their lines ended as the file's were."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def json_text(tree: Any) -> bytes:
    """A tree as the kit writes JSON."""
    return (json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
