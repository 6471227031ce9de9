"""What a mapping file can say, field by field; ``docs/mappings.md`` explains it with examples."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from sdrlib.sources.identity import no_pattern
from sdrlib.sources.mapping_joins import Condition as Condition
from sdrlib.sources.mapping_joins import Join as Join
from sdrlib.sources.mapping_joins import Key as Key
from sdrlib.sources.mapping_joins import Strict, by_column
from sdrlib.sources.unfolding import Unfold


class _Strict(Strict, BaseModel):
    """Known to ruff as a model."""


class Origin(_Strict):
    """Where the values of one canonical column come from: a source column, or one constant.

    Attributes:
        column: Names the source column may have, in the order they are looked for (exports are translated).
        filled: Columns of which each row gives the first that has something in it.
        table: File or alias that holds it; needed only where several joined files have that name.
        flags: Word -> the column that says yes to it: the first that does gives its word; else the cell or ``default``.
        known: Of ``filled`` the first in which a label of the mapping stands, alone or among several with commas;
            the last one counts as it is.
        value: The constant.
        scale: What a number is multiplied with: 0.001 makes seconds of milliseconds.
        time: Column that holds the time of day, where the date stands alone.
        row: File and row number are the value where the file has no such column: an id for exports without one.
        default: What is put where the file has no such column, or the row nothing in it.
        optional: A file without the column is no problem; its rows have nothing there.
        coded: A code of the text is kept, not the text: for a prospect whose only id is a name, mail or number.
        prefix: What is put before the cell: calls and mails of one tool may have equal numbers for ids.
        extract: Pattern with one group, the part of the cell that is kept: ``\\((\\d+)\\)$`` of ``Durand (5551)``.
        id: ``salesforce`` makes its ids of 15 and of 18 characters meet.
        unit: Numbers written as ``duration`` (16:26:23, 2h 5m), ``h:mm``, ``m:ss`` (in seconds) or ``percent``.
        dates: Formats of this column, in place of the mapping's.
    """

    column: tuple[str, ...] = ()
    filled: tuple[tuple[str, ...], ...] = ()
    flags: dict[str, tuple[str, ...]] = {}
    known: bool = False
    table: str = ""
    value: str | None = None
    scale: float = 1.0
    time: tuple[str, ...] = ()
    row: bool = False
    default: str = ""
    optional: bool = False
    coded: bool = False
    prefix: str = ""
    extract: str = ""
    id: Literal["", "salesforce"] = ""
    unit: Literal["", "duration", "h:mm", "m:ss", "percent"] = ""
    dates: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        if isinstance(given, str | list):
            given = {"column": given}
        if isinstance(given, dict):
            given = {k: [v] if k in {"column", "time"} and isinstance(v, str) else v for k, v in given.items()}
            if isinstance(given.get("filled"), list):
                given = {**given, "filled": [[f] if isinstance(f, str) else f for f in given["filled"]]}
            if isinstance(given.get("flags"), dict):
                given = {**given, "flags": {w: [f] if isinstance(f, str) else f for w, f in given["flags"].items()}}
        if isinstance(given, dict) and isinstance(given.get("value"), int | float):
            given = {**given, "value": str(given["value"])}
        return given

    @model_validator(mode="after")
    def _one_origin(self) -> Origin:
        given = [bool(self.column), bool(self.filled), self.value is not None]
        if sum(given) > 1 or not (any(given) or self.row or self.flags):
            raise ValueError('give one of a source column, {filled}, {flags}, {value = "constant"} and {row = true}')
        if self.known and len(self.filled) < 2:
            raise ValueError("known chooses among columns: give two or more in {filled = [...]}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every column it looks at."""
        several = (*self.filled, *self.flags.values())
        return (*self.column, *(name for names in several for name in names), *self.time)

    @field_validator("extract")
    @classmethod
    def _one_group(cls, pattern: str) -> str:
        if pattern and (reason := no_pattern(pattern)):
            raise ValueError(f"{pattern!r} cannot be used: {reason}")
        return pattern


class LeastDuration(_Strict):
    """How long an answered call must be to count as a conversation.

    Attributes:
        seconds: Outcome -> the least duration with which it stands.
        shorter: What a shorter one becomes.
        without: What one of unknown duration becomes; empty: it stays.
    """

    seconds: dict[str, float]
    shorter: str = "no_answer"
    without: str = ""

    @model_validator(mode="before")
    @classmethod
    def _flat_form(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "seconds" in given:
            return given
        words = {k: v for k, v in given.items() if k not in {"shorter", "without"}}
        return {"seconds": words, **{k: v for k, v in given.items() if k not in words}}


class Selection(_Strict):
    """Some rows of one file that become rows of one canonical table.

    Attributes:
        origin: The file: a name under ``[files]``, or that of the file itself.
        where: Conditions that a row must all meet.
        unless: Conditions of which a row must meet none: left out knowingly.
        joins: Other files whose columns are brought to the rows.
        unfold: Columns that each become a row, where a file has one for every stage.
        changes: Of a deal's following entries of one stage the first is kept: histories repeat it with every amount.
        distinct: Rows of equal content become one.
        optional: No complaint when the file is not there.
        columns: Canonical column -> where its values come from.
        labels: Canonical column -> word -> labels; for outcomes also channel -> word -> labels.
        least_duration: For activities: when an answered call counts as a conversation.
    """

    origin: str = Field(validation_alias="from")
    where: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    joins: tuple[Join, ...] = ()
    unfold: Unfold | None = None
    changes: bool = False
    distinct: bool = False
    optional: bool = False
    columns: dict[str, Origin]
    labels: dict[str, dict[str, tuple[str, ...] | dict[str, tuple[str, ...]]]] = {}
    least_duration: LeastDuration | None = None

    @field_validator("where", "unless", mode="before")
    @classmethod
    def _by_column(cls, given: Any) -> Any:
        return by_column(given)

    @property
    def is_list(self) -> bool:
        """Whether it takes no row away from other selections: what it makes are not the file's rows."""
        return self.distinct or self.unfold is not None


Spellings = dict[str, tuple[str, ...]]
"""Dialect (``en``, ``fr``, ``api``…; "" when it has only one) -> the headers it has for a column, newest first."""


class File(_Strict):
    """One kind of file that a tool exports, and how it is recognised.

    Attributes:
        names: Patterns of file names without their ending; the name of the file's table counts as well.
        needs: Words of ``headers`` without which a file is not this one.
        lacks: Words with any of which it is not this one, unless its name says so.
        headers: Word -> how each dialect writes that column.
        evidence: Dialect -> grade, or grade -> headers; asked before the mapping's own.
    """

    names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    headers: dict[str, Spellings] = {}
    evidence: dict[str, str | tuple[str, ...]] = {}

    @field_validator("headers", mode="before")
    @classmethod
    def _short_forms(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        by_dialect = {w: s if isinstance(s, dict) else {"": s} for w, s in given.items()}
        return {w: {d: [h] if isinstance(h, str) else h for d, h in s.items()} for w, s in by_dialect.items()}


class Person(_Strict):
    """Which columns of a file say who somebody is; ``id``, ``email`` or ``name`` is among them.

    Attributes:
        team: Column of the team's name.
        role: What everybody in this file is taken for.
        nobody: What stands there when it is nobody; an empty cell is nobody anyway.
    """

    id: Origin | None = None
    email: Origin | None = None
    name: Origin | None = None
    team: Origin | None = None
    role: str = "sdr"
    nobody: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _somebody(self) -> Person:
        if not (self.id or self.email or self.name):
            raise ValueError("give at least one of id, email and name")
        return self


class Dialect(_Strict):
    """How one dialect of a tool writes dates and numbers, where it differs from the others.

    Attributes:
        dates: Formats beside the mapping's.
        decimal: Decimal mark.
        time_zone: Zone of times that name none; a day without a time of day is still the team's.
    """

    dates: tuple[str, ...] = ()
    time_zone: str = ""
    decimal: Literal["", ".", ","] = ""


class Mapping(_Strict):
    """A whole mapping file.

    Attributes:
        title: The tool's name as people know it.
        time_zone: Zone of times that name none, and of the team's days.
        dates: ``strptime`` formats beside ISO 8601, which is always understood.
        decimal: Decimal mark; with one declared, thousands may be grouped. Empty: plain numbers only.
        currency: Of amounts that name none.
        notes: What a reader of reports must know of this source, by language.
        evidence: How headers are known: dialect -> grade, or grade -> headers; ``default`` for all others.
        dialects: What a dialect has of its own.
        files: The tool's files by the name that selections use.
        people: File -> the columns that name somebody there; their union is the table ``reps``.
        tables: Canonical table -> the selections whose union it is; none at all for files that follow the contract
            but for how they write times and numbers.
    """

    title: str = ""
    time_zone: str = ""
    dates: tuple[str, ...] = ()
    decimal: Literal["", ".", ","] = ""
    currency: str = ""
    notes: dict[str, tuple[str, ...]] = {}
    evidence: dict[str, str | tuple[str, ...]] = {}
    dialects: dict[str, Dialect] = {}
    files: dict[str, File] = {}
    people: dict[str, tuple[Person, ...]] = {}
    tables: dict[str, tuple[Selection, ...]] = {}

    @field_validator("people", mode="before")
    @classmethod
    def _one_or_several(cls, given: Any) -> Any:
        return {k: [v] if isinstance(v, dict) else v for k, v in given.items()} if isinstance(given, dict) else given
