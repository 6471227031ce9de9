"""What a check is asked, and what it answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sdrlib.settings import Settings


class Answer(NamedTuple):
    """What a check found: a key of its table in ``doctor.toml``, and the values of the sentences."""

    code: str
    values: Mapping[str, str] = {}


@dataclass(frozen=True)
class Asked:
    """What the machine is to be fit for.

    Attributes:
        settings: What a run would be asked to do.
        out: Where it would be published.
        env: The environment.
        error: Why the settings said could not be used; empty where they could.
    """

    settings: Settings
    out: Path
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    error: str = ""


def line(error: BaseException) -> str:
    """An error in one line."""
    return " ".join(str(error).split())[:300] or type(error).__name__
