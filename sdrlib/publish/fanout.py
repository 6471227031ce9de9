"""One report per brief, several at once, in the copies asked for; one that fails never stops the others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sdrlib.errors import UsageError
from sdrlib.publish.brief import read_frozen, write_brief
from sdrlib.publish.engine.quick import import_nbformat
from sdrlib.publish.names import copy_stem, file_stem
from sdrlib.records import Audience, Brief, Copies, Engine, Rendered, TeamBrief
from sdrlib.words import Words


@dataclass(frozen=True, slots=True)
class Order:
    """What is made of every brief: which notebook, in which language, which copies, run by which engine."""

    template: Path
    language: str
    copies: Copies
    engine: Engine = "warm"


def render(
    briefs: Mapping[str, Brief] | Mapping[str, TeamBrief],
    out: Path,
    *,
    template: Path,
    language: str,
    jobs: int,
    copies: Copies | None = None,
    engine: Engine = "warm",
    say: Callable[[str], None] | None = None,
) -> list[Rendered]:
    """Render every brief into ``out``: page, PDF, executed notebook and brief share a name.

    A copy that stands in ``out`` already, made from the same brief, is not made again; only formats it lacks are.

    Args:
        briefs: By rep id; the team's has none.
        out: An existing or new folder; what stands in it was made with the same template and language.
        template: A notebook of the kit.
        language: ``en`` or ``fr``.
        jobs: Reports made at once; 0 is one per processor.
        copies: Whose copies, in which formats; None is the manager's page.
        engine: ``warm`` where that is safe, or ``stock``: a kernel started for each notebook.
        say: Told of each report as it is finished.

    Returns:
        One record per brief and copy, in their order.

    Raises:
        UsageError: unknown language.
    """
    from joblib import Parallel, delayed

    Words(language)
    out.mkdir(parents=True, exist_ok=True)
    order = Order(template, language, copies or Copies(), engine)
    workers = max(1, min(jobs or os.cpu_count() or 1, len(briefs)))
    tasks = (delayed(render_one)(brief, out, order) for brief in briefs.values())
    made: list[Rendered] = []
    for number, done in enumerate(Parallel(n_jobs=workers, return_as="generator")(tasks), 1):
        made += done
        if say:
            told = next((r.error for r in done if r.error), "ok")
            say(f"{number}/{len(briefs)} {done[0].name}: {told}")
    return made


def render_one(brief: Brief | TeamBrief, out: Path, order: Order) -> list[Rendered]:
    """One report's copies; whatever goes wrong with one is told in its record."""
    import_nbformat()
    source = out / f"{file_stem(brief.person)}.json"
    made, fresh = [], not _unchanged(brief, source)
    for audience in order.copies.audiences:
        began = time.monotonic()
        try:
            if fresh:
                write_brief(brief, source)
            done = _render(brief, out, order, audience, fresh)
        except Exception as error:  # the others go on
            told = " ".join(f"{type(error).__name__}: {error}".split())
            done = Rendered(brief.person.rep_id, brief.person.name, "failed", None, 0.0, told)
        made.append(replace(done, audience=audience, seconds=time.monotonic() - began))
    return made


def _unchanged(brief: Brief | TeamBrief, source: Path) -> bool:
    """Whether what stands beside that file was made from this very brief."""
    with suppress(UsageError):
        return read_frozen(source, type(brief)) == brief
    return False


def _render(brief: Brief | TeamBrief, out: Path, order: Order, audience: Audience, fresh: bool) -> Rendered:
    from sdrlib.publish.notebook import execute

    person, stem = brief.person, copy_stem(brief.person, audience)
    book, source = out / f"{stem}.ipynb", out / f"{file_stem(person)}.json"
    pages = [out / f"{stem}.{form}" for form in order.copies.formats]
    for stale in (book, *pages) if fresh else ():
        stale.unlink(missing_ok=True)
    reused = all(file.is_file() for file in (book, *pages))
    if not book.is_file():
        made = execute(order.template, source, book, {"language": order.language, "audience": audience}, order.engine)
        if made.state == "failed":
            return made
    if not all(page.is_file() for page in pages):
        _write(book, pages, page_title(brief, order.language, audience), order.language)
    return Rendered(person.rep_id, person.name, "ok", pages[0], 0.0, files=(*pages, book, source), reused=reused)


def _write(book: Path, pages: list[Path], title: str, language: str) -> None:
    from sdrlib.publish.export import page_of, write_text
    from sdrlib.publish.pdf import write_pdf

    html = page_of(book, title=title, language=language)
    for page in pages:
        if page.suffix == ".pdf":
            write_pdf(html, page)
        else:
            write_text(html, page)


def page_title(brief: Brief | TeamBrief, language: str, audience: Audience) -> str:
    """What a browser's tab says, and a PDF's window."""
    words, window = Words(language), brief.facts.window
    values = {"name": brief.person.name, "period": words.period(window.start, window.end)}
    if isinstance(brief, TeamBrief):
        return words.say("Team report, {period}", period=values["period"])
    if audience == "manager":
        return words.say("{name}: coaching report, {period} (manager's copy)", **values)
    return words.say("{name}: coaching report, {period}", **values)
