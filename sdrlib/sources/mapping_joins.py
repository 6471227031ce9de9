"""What a mapping says of rows: which are taken, and how those of another file are brought to them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Strict(BaseModel):
    """A part of a mapping: nothing but what it knows, and nothing of it changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Key(Strict):
    """The two columns that a join compares, when they have different names."""

    left: tuple[str, ...]
    right: tuple[str, ...]


class Condition(Strict):
    """What a column must hold (or must not) for a row to be taken."""

    column: tuple[str, ...]
    values: tuple[str, ...]


def by_column(given: Any) -> Any:
    """Conditions as a mapping file writes them: a column and its values."""
    if not isinstance(given, dict):
        return given
    return [{"column": [column], "values": values} for column, values in given.items()]


class Join(Strict):
    """Another file whose columns are brought to the rows: at most one of its rows for each.

    Attributes:
        table: The file, as ``from`` names it.
        on: The columns that are compared.
        alias: Another name for it, when a file is joined twice.
        optional: Without the file the selection goes on without its columns.
        where: Conditions that its rows must all meet to be joined.
        first: Column of the file: of several rows for one key the one with the least in it is taken.
    """

    table: str
    on: Key
    optional: bool = False
    alias: str = Field("", alias="as")
    where: tuple[Condition, ...] = ()
    first: tuple[str, ...] = ()

    @field_validator("where", mode="before")
    @classmethod
    def _by_column(cls, given: Any) -> Any:
        return by_column(given)

    @field_validator("first", mode="before")
    @classmethod
    def _one_name(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given

    @model_validator(mode="before")
    @classmethod
    def _same_name(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("on"), str):
            given = {**given, "on": {"left": given["on"], "right": given["on"]}}
        if isinstance(given, dict) and isinstance(given.get("on"), dict):
            given = {**given, "on": {k: [v] if isinstance(v, str) else v for k, v in given["on"].items()}}
        return given
