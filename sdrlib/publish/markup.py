"""HTML made safely: whatever is not markup already is text, and text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from sdrlib.typography import upright

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Markup(str):
    """A string that is HTML. Anything else that reaches a page is escaped on the way."""

    __slots__ = ()


def el(name: str, /, *children: str | None, **attributes: str | int | float | bool | None) -> Markup:
    """One element. Plain strings among the children are escaped; None is left out.

    A trailing underscore in an attribute's name is dropped (``class_``), other underscores become hyphens
    (``aria_label``); None and False leave the attribute out.
    """
    head = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(upright(str(value)))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{head}>")
    return Markup(f"<{name}{head}>{join(children)}</{name}>")


def join(children: Iterable[str | None]) -> Markup:
    """The children one after another, escaped where they are not markup."""
    return Markup("".join(c if isinstance(c, Markup) else escape(upright(c)) for c in children if c is not None))


@dataclass(frozen=True)
class Section:
    """A piece of a page that shows itself in Jupyter.

    Attributes:
        html: What a browser shows.
        text: The same for a screen without HTML, one line.
    """

    html: Markup
    text: str

    def _repr_html_(self) -> str:
        return str(self.html)

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": str(self.html), "text/plain": self.text}
