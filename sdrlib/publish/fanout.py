"""One report per brief, several at once, in the copies asked for; one that fails never stops the others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sdrlib.errors import UsageError
from sdrlib.publish.brief import read_frozen, write_brief
from sdrlib.publish.engine.quick import import_nbformat
from sdrlib.publish.names import copy_stem, file_stem
from sdrlib.publish.workers import spread
from sdrlib.records import Audience, Brief, Copies, Engine, Rendered, TeamBrief
from sdrlib.words import Words


@dataclass(frozen=True, slots=True)
class Order:
    """What is made of every brief: which notebook, in which language, which copies, run by which engine."""

    template: Path
    language: str
    copies: Copies
    engine: Engine = "warm"


Ordered = tuple[Brief | TeamBrief, Order]
Made = Generator[tuple[int, list[Rendered] | BaseException], None, Any]


def render(
    briefs: Mapping[str, Brief] | Mapping[str, TeamBrief],
    out: Path,
    *,
    template: Path,
    language: str,
    jobs: int,
    copies: Copies | None = None,
    told: Callable[[Sequence[Rendered]], None] | None = None,
    engine: Engine = "warm",
    scheduler: str = "",
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
        told: Handed the copies of each report as it is finished.
        engine: ``warm`` where that is safe, or ``stock``: a kernel started for each notebook.
        scheduler: Address of a Dask scheduler, whose workers then make the reports; empty: this machine does.

    Returns:
        One record per brief and copy, in their order.

    Raises:
        UsageError: unknown language, or a cluster that cannot do it.
        UnfinishedError: the cluster was lost.
    """
    Words(language)
    out.mkdir(parents=True, exist_ok=True)
    order = Order(template, language, copies or Copies(), engine)
    return produce([(brief, order) for brief in briefs.values()], out, jobs=jobs, told=told, scheduler=scheduler)


def produce(
    orders: Sequence[Ordered],
    out: Path,
    *,
    jobs: int,
    told: Callable[[Sequence[Rendered]], None] | None = None,
    scheduler: str = "",
) -> list[Rendered]:
    """Reports of several kinds at once; each is made in another process than this. See ``render``."""
    made: dict[int, list[Rendered]] = {}
    with closing(_spread(orders, out, jobs, scheduler)) as finished:
        for place, done in finished:
            made[place] = _lost(*orders[place], done) if isinstance(done, BaseException) else done
            if told:
                told(made[place])
    return [copy for place in sorted(made) for copy in made[place]]


def _spread(orders: Sequence[Ordered], out: Path, jobs: int, scheduler: str) -> Made:
    if scheduler:
        from sdrlib.publish.cluster import spread_over

        return spread_over(scheduler, orders, out)
    workers = max(1, min(jobs or os.cpu_count() or 1, len(orders)))
    return spread(partial(_made, out), orders, workers)


def _made(out: Path, ordered: Ordered) -> list[Rendered]:
    brief, order = ordered
    return render_one(brief, out, order)


def _lost(brief: Brief | TeamBrief, order: Order, error: BaseException) -> list[Rendered]:
    """A report whose process died, or left with it."""
    return [_failed(brief, audience, error) for audience in order.copies.audiences]


def _failed(brief: Brief | TeamBrief, audience: Audience, error: BaseException) -> Rendered:
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return Rendered(brief.person.rep_id, brief.person.name, "failed", None, 0.0, said, audience)


def render_one(brief: Brief | TeamBrief, out: Path, order: Order) -> list[Rendered]:
    """One report's copies; whatever goes wrong with one is told in its record."""
    if not stands(brief, out, order):
        _begin(order, out)
    made: list[Rendered] = []
    for audience in order.copies.audiences:
        began = time.monotonic()
        try:
            afresh(brief, out)
            done = replace(_render(brief, out, order, audience), audience=audience)
        except Exception as error:  # the others go on
            done = _failed(brief, audience, error)
        made.append(replace(done, seconds=time.monotonic() - began))
    return made


def _begin(order: Order, out: Path) -> None:
    """The warm process imports while this one does."""
    from sdrlib.publish import notebook

    if order.engine == "warm":
        notebook.begin(order.template, out)
    import_nbformat()
    from sdrlib.publish import export

    export.begin()


def afresh(brief: Brief | TeamBrief, out: Path) -> None:
    """Unless the brief stands there already, remove every page made from another one before it is written."""
    source = out / f"{file_stem(brief.person)}.json"
    if not _unchanged(brief, source):
        for stale in standing(brief, out):
            stale.unlink()
        write_brief(brief, source)


def standing(brief: Brief | TeamBrief, out: Path) -> list[Path]:
    """Every file about that person, brief and pages of all copies."""
    return sorted(out.glob(f"{file_stem(brief.person)}.*"))


def stands(brief: Brief | TeamBrief, out: Path, order: Order) -> bool:
    """Whether every copy stands there in every format, made from this very brief."""
    stems = [copy_stem(brief.person, audience) for audience in order.copies.audiences]
    files = (out / f"{stem}.{form}" for stem in stems for form in ("ipynb", *order.copies.formats))
    return all(file.is_file() for file in files) and _unchanged(brief, out / f"{file_stem(brief.person)}.json")


def _unchanged(brief: Brief | TeamBrief, source: Path) -> bool:
    """Whether what stands beside that file was made from this very brief."""
    with suppress(UsageError):
        return read_frozen(source, type(brief)) == brief
    return False


def _render(brief: Brief | TeamBrief, out: Path, order: Order, audience: Audience) -> Rendered:
    from sdrlib.publish.notebook import execute

    person, stem = brief.person, copy_stem(brief.person, audience)
    book, source = out / f"{stem}.ipynb", out / f"{file_stem(person)}.json"
    pages = [out / f"{stem}.{form}" for form in order.copies.formats]
    reused = all(file.is_file() for file in (book, *pages))
    if not book.is_file():
        made = execute(order.template, source, book, {"language": order.language, "audience": audience}, order.engine)
        if made.state == "failed":
            return made
    if not all(page.is_file() for page in pages):
        _write(book, pages, page_title(brief, order.language, audience), order.language)
    return Rendered(person.rep_id, person.name, "ok", pages[0], 0.0, files=(*pages, book, source), reused=reused)


def _write(book: Path, pages: list[Path], title: str, language: str) -> None:
    from sdrlib.publish.export import page_of
    from sdrlib.publish.pdf import write_pdf
    from sdrlib.publish.staging import write_text

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
