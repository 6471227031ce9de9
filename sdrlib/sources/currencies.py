"""The currency of an amount: its own cell tells it, else the row's column, else the mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
from babel.numbers import list_currencies

from sdrlib import knowledge
from sdrlib.sources.mapping_form import Origin, Selection


def with_currency(selection: Selection, rules: Mapping[str, Any], currency: str) -> Selection:
    """The mapping's currency, for tables with amounts, wherever the file or the row names none."""
    if not currency or "currency" not in rules["columns"]:
        return selection
    own = selection.columns.get("currency")
    if own is not None and (own.value is not None or own.default):
        return selection
    told = own.model_copy(update={"default": currency}) if own else Origin(value=currency)
    return selection.model_copy(update={"columns": {**selection.columns, "currency": told}})


def as_written(cells: Mapping[str, ibis.Value]) -> dict[str, ibis.Value]:
    """The cells of a table, its currency as the amount has it: ``9 900 $`` under a mapping in euros is no euro."""
    amount, named = cells.get("amount"), cells.get("currency")
    if amount is None or named is None or not amount.type().is_string():
        return dict(cells)
    return {**cells, "currency": _written(amount, named.cast(str))}


def _written(amount: ibis.Value, named: ibis.Value) -> ibis.Value:
    """A sign that several currencies have says nothing against one of them that was named."""
    code = amount.upper().re_extract(r"(?:^|[^A-Z])([A-Z]{3})(?:$|[^A-Z])", 1)
    known = ibis.literal(f" {' '.join(sorted(list_currencies()))} ")  # one value: three hundred are compiled at length
    signs = knowledge.read("contract")["currency_signs"]
    others = [(amount.contains(sign) & ~named.fill_null("").isin(own), own[0]) for sign, own in signs.items()]
    return ibis.cases((known.contains(" " + code + " "), code), *others, else_=named)
