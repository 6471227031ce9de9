"""One report per brief, several at once; one that fails never stops the others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sdrlib.publish.brief import write_brief
from sdrlib.publish.names import file_stem
from sdrlib.records import Brief, Rendered
from sdrlib.words import Words


def render(
    briefs: Mapping[str, Brief],
    out: Path,
    *,
    template: Path,
    language: str,
    jobs: int,
    say: Callable[[str], None] | None = None,
) -> list[Rendered]:
    """Render every brief into ``out``: page, executed notebook and brief share a name.

    Args:
        briefs: By rep id.
        out: An existing or new folder.
        template: A notebook of the kit.
        language: ``en`` or ``fr``.
        jobs: Reports made at once; 0 is one per processor.
        say: Told of each report as it is finished.

    Returns:
        One record per brief, in their order.

    Raises:
        UsageError: unknown language.
    """
    from joblib import Parallel, delayed

    Words(language)
    out.mkdir(parents=True, exist_ok=True)
    workers = max(1, min(jobs or os.cpu_count() or 1, len(briefs)))
    tasks = (delayed(render_one)(brief, out, template, language) for brief in briefs.values())
    made: list[Rendered] = []
    for done in Parallel(n_jobs=workers, return_as="generator")(tasks):
        made.append(done)
        if say:
            say(f"{len(made)}/{len(briefs)} {done.name}: {done.error or done.state}")
    return made


def render_one(brief: Brief, out: Path, template: Path, language: str) -> Rendered:
    """One report; whatever goes wrong is told in its record."""
    began = time.monotonic()
    try:
        return _render(brief, out, template, language)
    except Exception as error:  # the others go on
        told = " ".join(f"{type(error).__name__}: {error}".split())
        person = brief.person
        return Rendered(person.rep_id, person.name, "failed", None, time.monotonic() - began, told)


def _render(brief: Brief, out: Path, template: Path, language: str) -> Rendered:
    from sdrlib.publish.export import write_page
    from sdrlib.publish.notebook import execute

    began = time.monotonic()
    stem = file_stem(brief.person)
    source, page = out / f"{stem}.json", out / f"{stem}.html"
    write_brief(brief, source)
    made = execute(template, source, out / f"{stem}.ipynb", {"language": language})
    if made.state == "failed" or made.path is None:
        return made
    write_page(made.path, page, title=page_title(brief, language), language=language)
    return Rendered(made.rep_id, made.name, "ok", page, time.monotonic() - began)


def page_title(brief: Brief, language: str) -> str:
    """What a browser's tab says."""
    words, window = Words(language), brief.facts.window
    return words.say(
        "{name}: coaching report, {period}", name=brief.person.name, period=words.period(window.start, window.end)
    )
