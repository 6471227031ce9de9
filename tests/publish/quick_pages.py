"""Pages without a kernel: the template's sections called in this process, exported as the real ones are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from sdrlib.publish.brief import read_frozen
from sdrlib.publish.export import CoachingExporter
from sdrlib.publish.fanout import page_title
from sdrlib.publish.report import Report
from sdrlib.publish.team import TeamReport
from sdrlib.records import Audience, Brief, Engine, Rendered, TeamBrief

TEMPLATES = Path(__file__).parents[2] / "notebooks" / "reports"
TEMPLATE = TEMPLATES / "rep.ipynb"


def page(brief: Brief | TeamBrief, language: str, audience: Audience = "manager") -> str:
    """What the template shows of a brief, as one page."""
    html, _ = CoachingExporter().from_notebook_node(notebook(brief, language, audience))
    return str(html)


def notebook(brief: Brief | TeamBrief, language: str, audience: Audience = "manager") -> NotebookNode:
    """The same as a notebook that was run; of its code only the section's name is kept."""
    team, cells = isinstance(brief, TeamBrief), []
    report = TeamReport(brief, language) if team else Report(brief, language, audience)
    for cell in nbformat.read(TEMPLATES / ("team.ipynb" if team else "rep.ipynb"), as_version=4).cells:
        for section in re.findall(r"^report\.(\w+)\(\)$", cell.source, re.MULTILINE):
            data = getattr(report, section)()._repr_mimebundle_()
            output = nbformat.v4.new_output("execute_result", data=data, execution_count=1)
            cells.append(nbformat.v4.new_code_cell(f"report.{section}()", outputs=[output], execution_count=1))
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["sdr"] = {"language": language, "title": page_title(brief, language, audience)}
    return made


def execute(template: Path, source: Path, out: Path, parameters: Mapping[str, str], engine: Engine) -> Rendered:
    """In place of a kernel: the same pictures and sentences, made in this process."""
    brief = read_frozen(source, TeamBrief if template.stem == "team" else Brief)
    made = notebook(brief, parameters["language"], parameters["audience"])  # type: ignore[arg-type]
    nbformat.write(made, out)
    return Rendered(brief.person.rep_id, brief.person.name, "ok", out, 0.0)
