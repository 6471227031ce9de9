"""Ids out of cells: the part of a text that is the id, and Salesforce's two spellings of one."""

from __future__ import annotations

import re
from functools import reduce
from string import ascii_letters, digits

import duckdb
import ibis

from sdrlib.sources.dialect import cut

_SALESFORCE = r"^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$"
_NOBODY = r"^0{15}(AAA)?$"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_PATTERNS = " ".join(f"{number:05b}"[::-1] for number in range(32))
_LOSSY = r"^[+-]?\d+([.,]\d+[eE][+]?\d+|[eE][+]\d+)$"


def no_pattern(pattern: str) -> str:
    """Why a text cannot be used to extract; empty when it can."""
    try:
        groups = re.compile(pattern).groups
        duckdb.execute("select regexp_extract('', $1, 1)", [pattern]).fetchall()
    except (re.error, duckdb.Error) as error:
        return str(error).split("\n")[0]
    return "" if groups == 1 else f"{groups} groups in parentheses; one says what is kept"


def extract(cell: ibis.Value, pattern: str) -> ibis.Value:
    """What the pattern's group matches; null where it matches nothing."""
    return cell.re_extract(pattern, 1).nullif("")


def is_lossy(cell: ibis.Value) -> ibis.Value:
    """Whether a spreadsheet has made a floating number of an id (1.23457E+18) and lost its digits."""
    return cell.re_search(_LOSSY)


def salesforce(cell: ibis.Value) -> ibis.Value:
    """Salesforce's id in its long spelling; null for its id of nobody (000000000000000AAA).

    An id of 15 characters minds case. The 18 of the other spelling are the same and three more that say which of
    the 15 are capitals, five to a character, so that the two meet. What is no such id stays as it is.
    """
    short = cut(cell, 1, 15)
    spelt = (cell.re_search(_SALESFORCE) & (cell.length() == 15)).ifelse(_long(short), cell)
    return cell.re_search(_NOBODY).ifelse(ibis.null("string"), spelt)


def is_strange(cell: ibis.Value) -> ibis.Value:
    """Whether a filled cell is no Salesforce id, or a long one whose end does not fit: its case was changed."""
    fits = cell.re_search(_SALESFORCE) & ((cell.length() == 15) | (cell == _long(cut(cell, 1, 15))))
    return cell.notnull() & ~fits


def _long(short: ibis.Value) -> ibis.Value:
    return reduce(lambda text, part: text + part, (_capitals(short, start) for start in (1, 6, 11)), short)


def _capitals(short: ibis.Value, start: int) -> ibis.Value:
    """The letter for five characters: its number has a bit for each capital, the first one's the lowest."""
    bits = cut(short, start, 5).translate(ascii_letters + digits, "0" * 26 + "1" * 26 + "0" * 10)
    place = (ibis.literal(_PATTERNS).find(bits) // 6 + 1).cast("int32")  # PostgreSQL cuts texts by no longer number
    return cut(_SUFFIX, place, 1)
