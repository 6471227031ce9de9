"""Has this run been made already? Asked before a row is read, so that the answer takes no longer than hashing does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sdrlib.publish import history
from sdrlib.publish.runs import EVIDENCE, MANIFEST, finished, read_manifest
from sdrlib.records import Window

if TYPE_CHECKING:
    from sdrlib.records import Copies
    from sdrlib.settings import Settings

SAID_ELSEWHERE = {"data", "audience", "format", "reports_url"}
"""Settings that decide no figure and no sentence, or are told by the inputs and the copies."""


def digest_of(inputs: str, settings: Settings, makers: Mapping[str, str]) -> str:
    """SHA-256 of everything that decides a run; empty where the inputs could not be told by their bytes.

    Args:
        inputs: Digest of the inputs; empty: unknown.
        settings: All but secrets, and what changes neither figure nor sentence, goes in.
        makers: Hashes of the kit's code and of the templates, and the versions of Python and the libraries.
    """
    if not inputs:
        return ""
    from sdrlib.settings import MACHINE, SECRETS

    said = settings.model_dump(mode="json", exclude=SAID_ELSEWHERE | SECRETS | MACHINE)
    told = [inputs, said, dict(makers)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def find(out: Path, made_from: str, copies: Copies, past: history.History, *, prefix: str = "") -> Path | None:
    """The folder of a run that was made from the same and stands there whole; None: it must be made, or looked for.

    Only a run that the history knows is taken: whoever deleted the history, or was forgotten in it, makes it anew.

    Args:
        out: Where runs are published.
        made_from: What ``digest_of`` gave; empty finds nothing.
        copies: What the run must hold.
        past: The history of that folder.
        prefix: Beginning of the folder's name.
    """
    if not made_from:
        return None
    for manifest in sorted(out.glob(f"{prefix}*/{MANIFEST}")):
        folder = manifest.parent
        in_sight = not folder.name.startswith(".")  # what a killed run left is hidden, and not published
        same = in_sight and read_manifest(folder).get("made_from") == made_from
        if same and finished(folder, copies) and _is_known(folder, past):
            return folder
    return None


def _is_known(folder: Path, past: history.History) -> bool:
    """Whether the history holds every look of a run, as its evidence lists them."""
    told = json.loads((folder / EVIDENCE).read_text(encoding="utf-8"))
    seen = told["window"]
    start, end = (date.fromisoformat(seen[name]) for name in ("start", "end"))
    window = Window(seen["label"], start, end, datetime.fromisoformat(seen["as_of"]), seen["time_zone"])
    state = history.State.of(window, told["fingerprint"], told["settings"])
    return past.holds(state, [(record["rep_id"], record["measure"]) for record in told["records"]])
