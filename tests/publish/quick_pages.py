"""Pages without a kernel: the template's sections called in this process, exported as the real ones are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import nbformat

from sdrlib.publish.brief import read_frozen
from sdrlib.publish.export import CoachingExporter
from sdrlib.publish.fanout import page_title
from sdrlib.publish.report import Report
from sdrlib.publish.team import TeamReport
from sdrlib.records import Audience, Brief, Rendered, TeamBrief

TEMPLATES = Path(__file__).parents[2] / "notebooks" / "reports"
TEMPLATE = TEMPLATES / "rep.ipynb"


def notebook(brief: Brief | TeamBrief, language: str, audience: Audience = "manager") -> nbformat.NotebookNode:
    """What the template shows of a brief, as its executed notebook would hold it."""
    team, cells = isinstance(brief, TeamBrief), []
    report = TeamReport(brief, language) if team else Report(brief, language, audience)
    for cell in nbformat.read(TEMPLATES / ("team.ipynb" if team else "rep.ipynb"), as_version=4).cells:
        for section in re.findall(r"^report\.(\w+)\(\)$", cell.source, re.MULTILINE):
            shown = getattr(report, section)()._repr_mimebundle_()
            data, about = shown if isinstance(shown, tuple) else (shown, {})
            output = nbformat.v4.new_output("execute_result", data=data, metadata=about, execution_count=1)
            cells.append(nbformat.v4.new_code_cell("", outputs=[output]))
    return nbformat.v4.new_notebook(cells=cells)


def page(brief: Brief | TeamBrief, language: str, audience: Audience = "manager") -> str:
    """What the template shows of a brief, as one page."""
    made = notebook(brief, language, audience)
    made.metadata["sdr"] = {"language": language, "title": page_title(brief, language, audience)}
    html, _ = CoachingExporter().from_notebook_node(made)
    return str(html)


def execute(template: Path, source: Path, out: Path, parameters: Mapping[str, str]) -> Rendered:
    """In place of a kernel: the same pictures and sentences, made in this process."""
    brief = read_frozen(source, TeamBrief if template.stem == "team" else Brief)
    made = notebook(brief, parameters["language"], parameters["audience"])  # type: ignore[arg-type]
    nbformat.write(made, out)
    return Rendered(brief.person.rep_id, brief.person.name, "ok", out, 0.0)
