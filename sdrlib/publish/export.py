"""A notebook as one page: no script, no request to anybody, code hidden, alternative texts kept.

nbconvert imports this module whenever any exporter is listed, so it imports nothing else of the kit.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters.html import HTMLExporter
from traitlets import default
from traitlets.config import Config

TEMPLATES = Path(__file__).resolve().parent / "template"

SHOWN = ["text/html", "image/png", "image/jpeg", "text/markdown", "text/plain"]
"""What a page may show, the first that an output has: neither scripts nor widgets nor SVG of unknown origin."""


class CoachingExporter(HTMLExporter):
    """Lab's menu: File, Save and Export Notebook As, Coaching; or ``jupyter nbconvert --to coaching``.

    The notebook's metadata may name the page's language and title: ``{"sdr": {"language": "fr", "title": "…"}}``.
    """

    export_from_notebook = "Coaching report"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "coaching"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(TEMPLATES)]

    @default("exclude_input")
    def _exclude_input_default(self) -> bool:
        return True

    @default("exclude_anchor_links")
    def _exclude_anchor_links_default(self) -> bool:
        return True

    @default("embed_images")
    def _embed_images_default(self) -> bool:
        return True

    @property
    def default_config(self) -> Config:
        """Outputs by the list above, whatever a notebook offers."""
        config: Config = super().default_config.copy()
        config.merge(Config({"NbConvertBase": {"display_data_priority": SHOWN}}))
        return config

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:
        """The page, and nbconvert's resources."""
        about = nb.metadata.get("sdr", {})
        resources = {**(resources or {}), "coaching": {"language": about.get("language", self.language_code)}}
        if about.get("title"):
            resources["metadata"] = {**resources.get("metadata", {}), "name": about["title"]}
        page, resources = super().from_notebook_node(nb, resources, **kw)
        return str(page).strip() + "\n", resources


@cache
def _exporter() -> CoachingExporter:
    """One for all pages of a process: its templates are compiled once."""
    return CoachingExporter()  # type: ignore[no-untyped-call]


def begin() -> None:
    """Compile what pages are made with, while something else is waited for."""
    _ = _exporter().template


def page_of(notebook: Path, *, title: str, language: str) -> str:
    """An executed notebook as a page; the notebook learns its title and language, to be exported anew."""
    import nbformat

    from sdrlib.publish.staging import write_text

    node = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    node.metadata["sdr"] = {"language": language, "title": title}
    write_text(nbformat.writes(node) + "\n", notebook)  # type: ignore[no-untyped-call]
    html, _ = _exporter().from_notebook_node(node)
    return str(html)
