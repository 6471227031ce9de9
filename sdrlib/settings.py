"""The settings: flags over ``SDR_*`` variables over ``sdr.toml`` over the defaults in ``knowledge/settings.toml``."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, field_validator

from sdrlib.errors import UsageError
from sdrlib.knowledge import read
from sdrlib.records import Audience, Copies, Engine, Resources

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
"""The sample team of a checkout; what an analysis reads when no data is named."""

LONGEST_TENURE = 36_500

MEANT = 0.85
"""A variable as like a setting as that (difflib's ratio) was meant as one."""

Origin = Literal["default", "file", "environment", "flag"]
"""Where a value comes from; later ones win."""

RESPONSIBLE = ("purpose", "controller", "contact", "retention_days")
"""What readers are told of why personal data is looked at, and by whom; it changes no figure."""


SECRETS = frozenset({"notify_success", "notify_failure", "notify_data"})
MACHINE = frozenset({"jobs", "engine", "scheduler", "memory_limit", "threads", "temp_directory", "cache"})
"""How the machine is used; no figure depends on it."""

UNSHOWN = frozenset({"data", "rep", "audience", "format", "reports_url"}) | SECRETS | MACHINE
"""What no page prints: people, places on a machine, what changes no sentence, secrets."""
PathStage = Literal[
    "find", "qualify", "discover", "propose", "negotiate", "close", "onboard", "grow", "won", "lost", "duplicate"
]
"""What a stage of a CRM can mean: the keys of ``stages`` in ``knowledge/path.toml``."""


class Settings(BaseModel):
    """What a run is asked to do. Unknown keys are errors; every report prints the settings it was made with.

    ``data``, ``crm``, ``time_zone``, ``period``, ``as_of``, ``rep``, ``team``, ``language``, ``audience``, ``format``,
    ``jobs``, ``engine`` and ``scheduler`` are the command's options of the same names; the others are explained beside
    their defaults in ``knowledge/settings.toml``. The URLs of ``notify_*`` are secrets: no page, file or message shows
    them.
    """

    _origins: Mapping[str, Origin] = PrivateAttr(default_factory=dict)

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
    scheduler: str
    memory_limit: str = Field(default="", pattern=r"^(\d+(\.\d+)? ?[KMGT]i?B)?$")
    threads: int = Field(default=0, ge=0)
    temp_directory: str = ""
    cache: str
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
    purpose: str = ""
    controller: str = ""
    contact: str = ""
    retention_days: int | None = Field(default=None, ge=1)
    reports_url: str = ""
    notify_success: SecretStr = SecretStr("")
    notify_failure: SecretStr = SecretStr("")
    notify_data: SecretStr = SecretStr("")

    path_stages: dict[PathStage, tuple[str, ...]] = Field(default_factory=dict)
    path_days: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(default_factory=dict)

    @field_validator("path_days")
    @classmethod
    def _steps(cls, days: dict[str, float]) -> dict[str, float]:
        known = [*read("path")["steps"], *read("path")["marks"]]
        if not set(days) <= set(known):
            raise ValueError(f"steps of the path are {', '.join(known)}")
        return days

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
        layers: dict[Origin, Mapping[str, Any]] = {
            "default": read("settings"),
            "file": _from_file(file),
            "environment": _from_env(os.environ if env is None else env),
            "flag": {k: v for k, v in (flags or {}).items() if v is not None},
        }
        origins: dict[str, Origin] = {key: origin for origin, said in layers.items() for key in said}
        try:
            found = cls.model_validate({k: v for said in layers.values() for k, v in said.items()})
        except ValidationError as error:
            raise UsageError(_explain(error)) from None
        found._origins = origins
        return found

    @classmethod
    def defaults(cls) -> Settings:
        """What holds where nobody says anything."""
        return cls.model_validate(dict(read("settings")))

    @property
    def origins(self) -> Mapping[str, Origin]:
        """Where each value comes from; settings that were not gathered know defaults only."""
        return {key: self._origins.get(key, "default") for key in type(self).model_fields}

    @property
    def copies(self) -> Copies:
        """Whose copies of the reports are made, in which formats."""
        audiences: tuple[Audience, ...] = ("rep", "manager") if self.audience == "both" else (self.audience,)
        return Copies(tuple(sorted(audiences)), tuple(sorted({*self.format})))

    @property
    def resources(self) -> Resources:
        """What the embedded database may take of the machine."""
        return Resources(self.memory_limit, self.threads, self.temp_directory)

    def shown(self) -> dict[str, str | int | float | bool]:
        """What a page prints of the settings: nobody's id, no place on a machine, nothing that was not set."""
        said = self.model_dump(mode="json", exclude={*UNSHOWN}, exclude_none=True)
        said = {k: v for k, v in said.items() if v or k not in RESPONSIBLE}
        said["crm"] = PurePath(self.crm).name  # a page names the mapping, not where it lies
        return {k: v if isinstance(v, (str, int, float, bool)) else str(v) for k, v in said.items() if v != {}}


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
    """Variables are shared with other programs, so an unknown one is an error only where a setting was meant."""
    known = Settings.model_fields
    names = {f"SDR_{key.upper()}": key for key in known}
    unknown = sorted(k for k in env if k.startswith("SDR_") and k not in names)
    meant = [(k, like[0]) for k in unknown if (like := get_close_matches(k, names, 1, MEANT))]
    if meant:
        told = "\n".join(f"  {name}: no such setting; {like} is one" for name, like in meant)
        raise UsageError(f"Variables look like misspelt settings:\n{told}\nRename or unset them.")
    found = {names[k]: v for k, v in env.items() if k in names}
    return {k: tuple(v.split(",")) if k in {"rep", "tenure_bands_days"} else v for k, v in found.items()}


def _explain(error: ValidationError) -> str:
    known = ", ".join(sorted(Settings.model_fields))
    lines = (f"  {'.'.join(map(str, e['loc']))}: {e['msg']}{_found(e)}" for e in error.errors())
    return "\n".join(["The settings are not usable:", *lines, f"Known settings: {known}."])


def _found(error: ErrorDetails) -> str:
    """What stood there; not under a misspelt name, which may be that of a secret."""
    hidden = error["type"] == "extra_forbidden" or error["loc"][0] in SECRETS
    return "" if hidden else f" (found {error['input']!r})"
