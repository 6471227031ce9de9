"""One report per brief, several at once; one that fails never stops the others."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sdrlib.publish.brief import write_brief
from sdrlib.records import Brief, Rendered
from sdrlib.words import Words

if TYPE_CHECKING:
    from nbformat import NotebookNode

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "clock$", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))}
)
"""Names that Windows keeps for devices, whatever the suffix."""

LONGEST_NAME = 64


def render(
    briefs: Mapping[str, Brief], out: Path, *, template: Path, language: str, jobs: int
) -> list[Rendered]:
    """Render every brief into ``out``: page, executed notebook and brief share a name.

    Args:
        briefs: By rep id.
        out: An existing or new folder.
        template: A notebook of the kit.
        language: ``en`` or ``fr``.
        jobs: Reports made at once; 0 is one per processor.

    Returns:
        One record per brief, in their order.

    Raises:
        UsageError: unknown language.
    """
    from joblib import Parallel, delayed

    Words(language)
    out.mkdir(parents=True, exist_ok=True)
    workers = min(jobs or os.cpu_count() or 1, max(len(briefs), 1))
    tasks = (delayed(render_one)(brief, out, template, language) for brief in briefs.values())
    return list(Parallel(n_jobs=workers)(tasks))


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
    from sdrlib.publish.notebook import execute

    began = time.monotonic()
    slug = slugify(brief.person.name, brief.person.rep_id)
    source = out / f"{slug}.json"
    write_brief(brief, source)
    made = execute(template, source, out / f"{slug}.ipynb", {"language": language})
    if made.state == "failed" or made.path is None:
        return made
    page = out / f"{slug}.html"
    write_page(made.path, page, title=page_title(brief, language), language=language)
    return Rendered(made.rep_id, made.name, "ok", page, time.monotonic() - began)


def page_title(brief: Brief, language: str) -> str:
    """What a browser's tab says."""
    words, window = Words(language), brief.facts.window
    return words.say(
        "{name}: coaching report, {period}", name=brief.person.name, period=words.period(window.start, window.end)
    )


def write_page(notebook: Path, page: Path, *, title: str, language: str) -> None:
    """An executed notebook as a page; the notebook learns its title and language, for an analyst who exports it anew."""
    import nbformat

    from sdrlib.publish.export import CoachingExporter
    from sdrlib.publish.notebook import write_notebook

    node: NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    node.metadata["sdr"] = {"language": language, "title": title}
    write_notebook(node, notebook)
    html, _ = CoachingExporter().from_notebook_node(node)
    write_text(html, page)


def write_text(text: str, path: Path) -> None:
    """Write a text file, moved into place whole."""
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, path)


def slugify(name: str, rep_id: str) -> str:
    """A file name for a person: readable, safe everywhere, and never another person's.

    Example:
        >>> slugify("Zoé Martin", "r7")
        'zoe-martin-85f4a3'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join("".join(c if c.isalnum() else " " for c in plain).split())[:LONGEST_NAME].strip("-")
    if not slug or slug in RESERVED:
        slug = f"rep-{slug}".rstrip("-")
    return f"{slug}-{sha256(rep_id.encode()).hexdigest()[:6]}"


