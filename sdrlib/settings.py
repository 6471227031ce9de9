"""The settings: flags over ``SDR_*`` variables over ``sdr.toml`` over the defaults in ``knowledge/settings.toml``."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sdrlib.errors import UsageError
from sdrlib.knowledge import read
from sdrlib.records import Audience, Copies, Engine

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
"""The sample team of a checkout; what an analysis reads when no data is named."""


LONGEST_TENURE = 36_500


class Settings(BaseModel):
    """What a run is asked to do. Unknown keys are errors; every report prints the settings it was made with.

    ``data``, ``crm``, ``time_zone``, ``period``, ``as_of``, ``rep``, ``team``, ``language``, ``audience``, ``format``,
    ``jobs`` and ``engine`` are the command's options of the same names; the others are explained beside their
    defaults in ``knowledge/settings.toml``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: str = str(SAMPLES)
    crm: str = ""
    time_zone: str = ""
    as_of: datetime | None = None
    rep: tuple[str, ...] = ()
    team: str = ""
    period: str
    language: Literal["en", "fr"]
    audience: Literal["rep", "manager", "both"]
    format: tuple[Literal["html", "pdf"], ...] = Field(min_length=1)
    jobs: int = Field(ge=0)
    engine: Engine
    max_unknown_share: float = Field(ge=0, le=1)
    tenure_bands_days: tuple[int, ...]
    min_colleagues: int = Field(ge=1)
    fdr: float = Field(gt=0, lt=1)
    local_cap: float = Field(gt=0, lt=1)
    watch_fdr: float = Field(gt=0, lt=1)
    watch_cap: float = Field(gt=0, lt=1)
    min_e_value: float = Field(ge=1, allow_inf_nan=False)
    min_events: float = Field(gt=0, allow_inf_nan=False)
    min_days: int = Field(ge=1)
    plan_gap: float = Field(gt=0, lt=1)
    sao_to_won_days: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    sql_to_customer_days: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @field_validator("tenure_bands_days")
    @classmethod
    def _ascending(cls, edges: tuple[int, ...]) -> tuple[int, ...]:
        if list(edges) != sorted(set(edges)) or not all(0 < edge <= LONGEST_TENURE for edge in edges):
            raise ValueError(f"days must ascend, each from 1 to {LONGEST_TENURE}")
        return edges

    @field_validator("format", mode="before")
    @classmethod
    def _parted(cls, formats: Any) -> Any:
        """``html,pdf`` of a command line or a variable."""
        return [name.strip() for name in formats.split(",")] if isinstance(formats, str) else formats

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        if zone and zone not in available_timezones():
            raise ValueError("no such time zone; IANA names are like Europe/Paris")
        return zone

    @field_validator("data")
    @classmethod
    def _named(cls, data: str) -> str:
        if not data.strip():
            raise ValueError("names no folder; leave it out for the sample team")
        return data

    @classmethod
    def gather(
        cls, flags: Mapping[str, Any] | None = None, *, file: Path | None = None, env: Mapping[str, str] | None = None
    ) -> Settings:
        """Put the four origins together.

        Args:
            flags: What the command line says; None values count as not said.
            file: ``sdr.toml``; None looks for one in the working folder.
            env: Environment; None reads the real one.

        Raises:
            UsageError: an unknown key or a value that is not allowed, all of them at once.
        """
        said = {k: v for k, v in (flags or {}).items() if v is not None}
        origins = {**read("settings"), **_from_file(file), **_from_env(os.environ if env is None else env), **said}
        try:
            return cls.model_validate(origins)
        except ValidationError as error:
            raise UsageError(_explain(error)) from None

    @property
    def copies(self) -> Copies:
        """Whose copies of the reports are made, in which formats."""
        audiences: tuple[Audience, ...] = ("rep", "manager") if self.audience == "both" else (self.audience,)
        return Copies(tuple(sorted(audiences)), tuple(sorted({*self.format})))

    def shown(self) -> dict[str, str | int | float | bool]:
        """What a page prints of the settings: nobody's id, no place on a machine, nothing that was not set."""
        said = self.model_dump(
            mode="json", exclude={"data", "rep", "jobs", "engine", "audience", "format"}, exclude_none=True
        )
        said["crm"] = PurePath(self.crm).name  # a page names the mapping, not where it lies
        return {k: v if isinstance(v, (str, int, float, bool)) else str(v) for k, v in said.items()}


def _from_file(file: Path | None) -> dict[str, Any]:
    path = file or Path("sdr.toml")
    if file is None and not os.path.lexists(path):
        return {}
    if not path.is_file():
        found = "it is a folder" if path.is_dir() else "there is no such settings file"
        raise UsageError(f"{path}: {found}. Settings are TOML text in a file; name it with --config, or remove this.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: the file cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML ({error}). Mend that line and run again.") from None


def _from_env(env: Mapping[str, str]) -> dict[str, Any]:
    known = Settings.model_fields
    names = {f"SDR_{key.upper()}": key for key in known}
    found = {names[k]: v for k, v in env.items() if k in names}
    return {k: tuple(v.split(",")) if k in {"rep", "tenure_bands_days"} else v for k, v in found.items()}


def _explain(error: ValidationError) -> str:
    lines = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']} (found {e['input']!r})" for e in error.errors()]
    known = ", ".join(sorted(Settings.model_fields))
    return "\n".join(["The settings are not usable:", *(f"  {line}" for line in lines), f"Known settings: {known}."])
