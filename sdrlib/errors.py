"""What can go wrong, and the exit code each kind of failure ends the command with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing found wrong with the data: what, where, how often, and what to do next.

    Attributes:
        code: A key of ``knowledge/problems.toml``, which holds the sentences in both languages.
        table: Canonical table, or the file's name while no table is known yet.
        column: Column the rule is about; empty when it concerns the whole table.
        rows: Rows that break the rule; 0 when the rule is not about rows.
        examples: Up to five offenders as text, each naming its row where it has one.
        values: What else the sentences need, by placeholder (``known``, ``setting``…).
    """

    code: str
    table: str = ""
    column: str = ""
    rows: int = 0
    examples: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """``table.column``, the table alone, or nothing."""
        return ".".join(part for part in (self.table, self.column) if part)


class KitError(Exception):
    """An error for the person who can mend it; shown as one clear text, never as a traceback."""

    exit_code: ClassVar[int] = 1


class UsageError(KitError):
    """Wrong use or wrong configuration: an unknown option, period, setting, mapping or language."""

    exit_code: ClassVar[int] = 2


class DataUnfitError(KitError):
    """The data cannot be counted. Nothing was written.

    Attributes:
        problems: Everything found, in the order of the tables, never only the first.
    """

    exit_code: ClassVar[int] = 65

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep every problem, not only the first."""
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problem(s) in the data")


class LockedError(KitError):
    """Another run is at work in the same folder. Nothing was done."""

    exit_code: ClassVar[int] = 75


class UnfinishedError(KitError):
    """A run could not be finished: the disk, the memory, or a fault of the kit. Nothing was published."""

    exit_code: ClassVar[int] = 70
