"""Names for expressions in a database where nothing may be created: each question begins with what its names mean.

Translating an expression takes ibis longer than the database takes to answer, and many questions are asked of the same
few tables: under a name, these are translated once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import ibis


def named(rows: Any) -> Any:
    """The same rows under a name of their own, in a database that knows common table expressions."""
    name = f"rows_{uuid4().hex}"
    connection = ibis.get_backend(rows)
    if not isinstance(connection.compile, _Telling):
        connection.compile = _Telling(connection.compile)
    connection.compile.meant[f'"{name}"'] = connection.compile.plain(rows)
    return ibis.expr.operations.DatabaseTable(name, schema=rows.schema(), source=connection).to_expr()


class _Telling:
    """Translates as ``plain`` does, and puts first what is meant by the names in a question."""

    def __init__(self, plain: Any) -> None:
        """Around a connection's own way."""
        self.plain = plain
        self.meant: dict[str, str] = {}

    def __call__(self, *arguments: Any, **options: Any) -> str:
        """SQL."""
        question: str = self.plain(*arguments, **options)
        told = ",\n".join(f"{name} AS (\n{self.meant[name]}\n)" for name in reversed([*self._used(question)]))
        own = question.removeprefix("WITH ")
        return f"WITH {told}{' ' if own == question else ', '}{own}" if told else question

    def _used(self, question: str) -> Iterator[str]:
        """Names in a question and in what these mean; a name means nothing that was named after it."""
        texts = [question]
        for name, text in reversed(self.meant.items()):
            if any(name in said for said in texts):
                texts.append(text)
                yield name
