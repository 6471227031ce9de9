"""What databases do not all do alike. DuckDB can try a cast and parse by a format; others cast what surely fits.

An expression knows its database, so nobody has to be told which one it is.
"""
# No "from __future__ import annotations": ibis reads the annotations of the functions below as objects.

from functools import reduce
from typing import TypeAlias

import ibis
import ibis.expr.datatypes as dt

from sdrlib.records.clock import INSTANT, database_of

Value: TypeAlias = ibis.Value
BLANKS = " \t\r\n\v\f\u00a0\u202f\u2007\ufeff"
_EDGES = "^[{0}]+|[{0}]+$".format(r"\s" + BLANKS[6:])
"""By name: Spark's texts know no vertical tab."""

_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:\d{2}(:\d{2}([.]\d+)?)?"
_ZONED = rf"^{_DAY}[T ]{_CLOCK} ?(Z|[+-]\d{{2}}(:?\d{{2}})?)$"
_NAIVE = rf"^{_DAY}([T ]{_CLOCK})?$"
_LOOSE = ((r" (Z|[+-][\d:]+)$", r"\1"), (r"([T ]\d{2}:\d{2})(Z|[+-])", r"\1:00\2"))
_PLAIN = r"^[+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d{1,3})?$"

_LEAP = r"[12][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|2[048])00"
_MONTHS = r"(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])"
_REAL_DAY = rf"([12][0-9]{{3}}-({_MONTHS})|({_LEAP})-02-29)"
_REAL_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
_REAL_ZONED = rf"^{_REAL_DAY}[T ]{_REAL_CLOCK} ?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$"
_REAL_NAIVE = rf"^{_REAL_DAY}([T ]{_REAL_CLOCK})?$"
_REAL_NUMBER = r"^[+-]?([0-9]{1,100}[.]?[0-9]{0,100}|[.][0-9]{1,100})([eE][+-]?[0-9]{1,2})?$"
"""The same again, but nothing passes that a cast would stumble over: 30 February, 25:00, 1e999."""


@ibis.udf.scalar.builtin(name="try_strptime")  # type: ignore[untyped-decorator]
def _parse_naive(text: str, form: str) -> dt.timestamp:
    """A format without a zone."""


@ibis.udf.scalar.builtin(name="try_strptime")  # type: ignore[untyped-decorator]
def _parse_zoned(text: str, form: str) -> dt.Timestamp(timezone="UTC"):  # type: ignore[valid-type]
    """A format with ``%z`` or ``%Z``."""


@ibis.udf.scalar.builtin(name="trim")  # type: ignore[untyped-decorator]
def _trim_duckdb(text: str, blanks: str) -> str:  # type: ignore[empty-body]
    """Without the given characters at both ends."""


@ibis.udf.scalar.builtin(name="btrim")  # type: ignore[untyped-decorator]
def _trim(text: str, blanks: str) -> str:  # type: ignore[empty-body]
    """The same in PostgreSQL."""


@ibis.udf.scalar.builtin(name="sha256")  # type: ignore[untyped-decorator]
def _sha256_text(text: str) -> str:  # type: ignore[empty-body]
    """Hexadecimal digest of a text in DuckDB."""


@ibis.udf.scalar.builtin(name="sha256")  # type: ignore[untyped-decorator]
def _sha256_bytes(content: bytes) -> bytes:  # type: ignore[empty-body]
    """Digest of bytes in PostgreSQL."""


@ibis.udf.scalar.builtin(name="convert_to")  # type: ignore[untyped-decorator]
def _encode(text: str, encoding: str) -> bytes:  # type: ignore[empty-body]
    """Text as bytes in PostgreSQL."""


@ibis.udf.scalar.builtin(name="encode")  # type: ignore[untyped-decorator]
def _written(content: bytes, form: str) -> str:  # type: ignore[empty-body]
    """Bytes as text in PostgreSQL."""


def sha256(text: Value) -> Value:
    """The hexadecimal digest, the same in every database."""
    database = database_of(text)
    if database == "postgres":
        return _written(_sha256_bytes(_encode(text, "UTF8")), "hex")
    return _sha256_text(text) if database == "duckdb" else text.hexdigest("sha256")


@ibis.udf.scalar.builtin(name="substr")  # type: ignore[untyped-decorator]
def cut(text: str, first: int, length: int) -> str:  # type: ignore[empty-body]
    """Part of a text, from 1 on; what ibis writes for the same names every argument three times."""


def is_duckdb(expression: ibis.Expr) -> bool:
    """Whether the expression is computed by DuckDB."""
    return database_of(expression) == "duckdb"


def clean(cell: Value) -> Value:
    """Text without blanks around it; null when nothing is left.

    Trimming is slow and rarely needed: in DuckDB only text that may start with a blank (or with a letter outside
    ASCII: its first byte cannot tell), or that ends with one, is trimmed. Elsewhere letters may sort otherwise.
    One pattern for the end, and not a comparison for each blank: this stands in a query for every column of text.
    """
    database = database_of(cell)
    if database == "postgres":
        return _trim(cell, BLANKS).nullif("")
    if database != "duckdb":
        return cell.re_replace(_EDGES, "").nullif("")
    at_edge = ibis.or_(cell < "!", cell >= "\u00a0", cell.re_search(f"[{BLANKS}]$"))
    return at_edge.ifelse(_trim_duckdb(cell, BLANKS).nullif(""), cell)


def to_number(cell: Value, pattern: str = _PLAIN, plain: Value | None = None) -> Value:
    """Text of the pattern as a number, else null; ``plain`` is the same text as a cast reads it."""
    text, nothing = cell if plain is None else plain, ibis.null("float64")
    if is_duckdb(cell):
        return cell.re_search(pattern).ifelse(text.try_cast("float64"), nothing)
    fits = cell.re_search(pattern) & text.re_search(_REAL_NUMBER)
    return fits.ifelse(text.cast("float64"), nothing)


def to_whole(cell: Value, below: int) -> Value:
    """A whole number of a floating one; null where it is none, or where floats no longer hold every one."""
    nothing = ibis.null("int64")
    if is_duckdb(cell):
        whole = (cell == cell.floor()) & (cell.abs() < below)
        return whole.ifelse(cell.try_cast("int64"), nothing)
    whole = (cell.abs() < below).ifelse(cell == cell.floor(), False)
    return whole.ifelse(cell.cast("int64"), nothing)


def to_instants(cell: Value, forms: tuple[str, ...]) -> tuple[Value, Value]:
    """Text as an instant, and as clock time without a zone: ISO 8601, and in DuckDB the ``strptime`` formats given."""
    if not is_duckdb(cell):
        zoned_text = ibis.ifelse(cell.re_search(_REAL_ZONED), cell.cast(INSTANT), ibis.null(INSTANT))
        return zoned_text, ibis.ifelse(cell.re_search(_REAL_NAIVE), cell.cast(dt.timestamp), ibis.null(dt.timestamp))
    zoned = [ibis.ifelse(cell.re_search(_ZONED), _iso(cell), ibis.null(INSTANT))]
    naive = [ibis.ifelse(cell.re_search(_NAIVE), cell.try_cast(dt.timestamp), ibis.null(dt.timestamp))]
    for form in forms:
        if "%z" in form or "%Z" in form:
            zoned.append(_parse_zoned(cell, form))
        else:
            naive.append(_parse_naive(cell, form))
    return ibis.coalesce(*zoned), ibis.coalesce(*naive)


def _iso(cell: Value) -> Value:
    """DuckDB wants seconds before an offset, and no blank."""
    full = reduce(lambda text, rule: text.re_replace(*rule), _LOOSE, cell)
    return ibis.coalesce(cell.try_cast(INSTANT), full.try_cast(INSTANT))
