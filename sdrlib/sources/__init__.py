"""From CRM exports to canonical tables: ``load`` finds, reads, maps and types; it judges nothing but form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdrlib.sources.loading import load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    """``load`` is imported when it is asked for: whoever only looks at the bytes of files needs no database."""
    if name == "load":
        from sdrlib.sources.loading import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
