"""What is known about selling, as TOML: measures, contract, playbook, problems, settings, CRM mappings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

LANGUAGES = ("en", "fr")


@cache
def read(name: str) -> Mapping[str, Any]:
    """The content of ``knowledge/<name>.toml``, read once.

    Raises:
        FileNotFoundError: there is no such data file.
    """
    text = files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


def mappings() -> tuple[str, ...]:
    """The names that ``--crm`` knows, in alphabetical order."""
    folder = files(__name__).joinpath("crm")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))
