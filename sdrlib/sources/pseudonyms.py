"""Codes for people: keyed, so that nobody without the key can find out whose they are by trying names."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import ibis
import pandas as pd

from sdrlib.errors import UsageError
from sdrlib.records import Tables

VARIABLE = "SDR_PSEUDONYM_KEY"
LEAST_LENGTH = 16
CODE_LENGTH = 16
PEOPLE = {
    "reps": ("rep_id", "name", "email", "manager"),
    "prospects": ("prospect_id", "account_id"),
    "activities": ("rep_id", "prospect_id"),
    "meetings": ("rep_id", "prospect_id", "host_id"),
    "opportunities": ("rep_id", "owner_id", "prospect_id", "account_id"),
    "subscriptions": ("account_id",),
    "coaching_log": ("rep_id", "coach", "note"),
}
"""Columns that name somebody."""

_EMPTIED = {("reps", "email"), ("coaching_log", "note")}  # free text may name anybody


def find_key(out: Path, given: str | None = None) -> tuple[bytes, Path | None]:
    """The key from ``SDR_PSEUDONYM_KEY``, or from the file beside the output, which is made when it is not there.

    Args:
        out: Folder of the output; the key lies beside it, never in it.
        given: The key; None reads the environment.

    Returns:
        The key, and its file if it comes from one.

    Raises:
        UsageError: the key is too short, or its file cannot be read or made.
    """
    said = os.environ.get(VARIABLE, "") if given is None else given
    if said:
        if len(said) < LEAST_LENGTH:
            raise UsageError(f"{VARIABLE}: a key of {len(said)} characters; at least {LEAST_LENGTH} are needed.")
        return said.encode(), None
    path = out.with_name(f"{out.name}.key")
    try:
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32) + "\n")
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path}: the key cannot be read or made ({error}). Set {VARIABLE} instead.") from None
    if len(key) < LEAST_LENGTH:
        raise UsageError(
            f"{path}: no key of {LEAST_LENGTH} characters or more. Restore it, or remove it for a new one."
        )
    return key.encode(), path


def code(key: bytes, text: str) -> str:
    """HMAC-SHA-256 of the text, shortened; equal texts have equal codes in every table and every import."""
    return hmac.new(key, text.encode(), "sha256").hexdigest()[:CODE_LENGTH]


def hide_files(tables: Tables, key: bytes) -> Tables:
    """Codes in place of files' names, which may hold a person's, in the record and in ids made of file and row."""
    codes = {file.name: code(key, file.name) for file in tables.files}
    frames = {table: _without_files(rows, table, codes) for table, rows in tables.frames.items()}
    return replace(tables, frames=frames, files=tuple(file._replace(name=codes[file.name]) for file in tables.files))


def _without_files(rows: ibis.Table, table: str, codes: Mapping[str, str]) -> ibis.Table:
    own_ids = {c for c in rows.columns if c.endswith("_id")} - {*PEOPLE.get(table, ())}
    ids = [c for c in rows.columns if c in own_ids and rows[c].type().is_string()]
    for name, own in codes.items():
        rows = rows.mutate(**{c: rows[c].replace(f"{name}#", f"{own}#") for c in ids}) if ids else rows
    return rows


def pseudonymise(frames: Mapping[str, ibis.Table], key: bytes) -> dict[str, ibis.Table]:
    """The tables with a code in place of every person's id and name; mails and notes are emptied.

    A rep's name becomes the code of their id, so that one person has one code; targets of a rep follow.
    """
    out = {}
    for table, rows in frames.items():
        named = [c for c in PEOPLE.get(table, ()) if c in rows.columns]
        changed = {c: ibis.null("string") for c in named if (table, c) in _EMPTIED}
        coded = {c: "rep_id" if (table, c) == ("reps", "name") else c for c in named if c not in changed}
        rows, changed = _with_codes(rows, key, coded, changed)
        out[table] = rows.mutate(**changed) if table != "targets" else _targets(rows, key)
        if "outcome_label" in rows.columns:  # a label that nobody mapped is free text
            label = (ibis._.outcome != "unknown").ifelse(ibis._.outcome_label, None)
            out[table] = out[table].mutate(outcome_label=label)
        out[table] = out[table].drop(*(c for c in out[table].columns if c.startswith("code_")))
    return out


def _with_codes(
    rows: ibis.Table, key: bytes, coded: Mapping[str, str], changed: Mapping[str, ibis.Value]
) -> tuple[ibis.Table, dict[str, ibis.Value]]:
    found = dict(changed)
    for column, source in coded.items():
        own = rows.filter(rows[source].notnull()).select(own=rows[source]).distinct().execute().own
        codes = pd.DataFrame({f"code_own_{column}": own, f"code_{column}": [code(key, str(text)) for text in own]})
        looked_up = ibis.memtable(codes, schema=dict.fromkeys(codes.columns, "string"))
        rows = rows.left_join(looked_up, rows[source] == looked_up[f"code_own_{column}"])
        found[column] = rows[f"code_{column}"]
    return rows, {c: rows[f"code_{c}"] if c in coded else v for c, v in found.items()}


def _targets(rows: ibis.Table, key: bytes) -> ibis.Table:
    own = rows.filter(rows.scope == "rep").scope_id.execute().dropna().unique()
    codes = {text: code(key, text) for text in own}
    is_rep = rows.scope == "rep"
    return rows.mutate(scope_id=is_rep.ifelse(rows.scope_id.substitute(codes), rows.scope_id)) if codes else rows
