"""From CRM exports to canonical tables: ``load`` finds, reads, maps and types; it judges nothing but form."""

from __future__ import annotations

from sdrlib.sources.loading import load

__all__ = ["load"]
