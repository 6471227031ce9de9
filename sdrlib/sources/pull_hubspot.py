"""HubSpot's interface (CRM v3 search, v4 associations) through its own client library."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from hubspot import HubSpot as Client
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from sdrlib.errors import UsageError
from sdrlib.sources.pull import GONE, Kind, Row

PAGE_SIZE = 100
MOST = 10_000
"""No search gives more; it is begun again above the last id."""

PATIENCE = Retry(
    total=8, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None
)  # waits as long as Retry-After says
CONTACTS = "associated_contact_ids"


class HubSpot:
    """Owners, contacts, deals and activities of a portal."""

    key = "hs_object_id"

    def __init__(self, token: str, *, host: str = "https://api.hubapi.com", patience: Retry = PATIENCE) -> None:
        """Nothing is asked yet."""
        self.client = Client(access_token=token, retry=patience, host=host)

    def pages(self, kind: Kind, since: str, after: str) -> Iterator[Sequence[Row]]:
        """Records changed since then, by ascending id."""
        if not kind.modified:
            yield from self._owners(kind)
            return
        cursor: str | None = None
        while True:
            with _explained(kind):
                found = self.client.crm.objects.search_api.do_search(kind.name, _request(kind, since, after, cursor))
                contacts = self._contacts(kind, [r.id for r in found.results]) if kind.contacts else {}
            rows = [
                {**_fields(r, kind), CONTACTS: contacts.get(r.id)} if kind.contacts else _fields(r, kind)
                for r in found.results
            ]
            yield rows
            cursor = found.paging.next.after if found.paging and found.paging.next else None
            if cursor is None:
                return
            if int(cursor) >= MOST:
                after, cursor = str(rows[-1][self.key]), None

    def deleted(self, kind: Kind) -> Iterator[Sequence[Row]]:
        """What lies in the bin, which the search does not show."""
        if not kind.modified:
            return
        after = None
        while True:
            with _explained(kind):
                found = self.client.crm.objects.basic_api.get_page(
                    kind.name, limit=PAGE_SIZE, after=after, archived=True
                )
            yield [{self.key: r.id, GONE: "listed"} for r in found.results]
            after = found.paging.next.after if found.paging and found.paging.next else None
            if after is None:
                return

    def _owners(self, kind: Kind) -> Iterator[Sequence[Row]]:
        """Few, and asked for whole; those who left too, for their activities stay."""
        for archived in (False, True):
            after = None
            while True:
                with _explained(kind):
                    found = self.client.crm.owners.owners_api.get_page(limit=PAGE_SIZE, after=after, archived=archived)
                said = [owner.to_dict(serialize=True) for owner in found.results]
                yield [{self.key: str(o["id"]), **{f: _text(o.get(f)) for f in kind.fields}} for o in said]
                after = found.paging.next.after if found.paging and found.paging.next else None
                if after is None:
                    break

    def _contacts(self, kind: Kind, ids: Sequence[str]) -> dict[str, str]:
        """Record -> ids of its contacts, with semicolons as in an export."""
        if not ids:
            return {}
        asked = {"inputs": [{"id": i} for i in ids]}
        found = self.client.crm.associations.v4.batch_api.get_page(kind.name, "contacts", asked)
        return {r._from.id: ";".join(str(t.to_object_id) for t in r.to) for r in found.results}


def _request(kind: Kind, since: str, after: str, cursor: str | None) -> dict[str, Any]:
    filters = [{"propertyName": "hs_object_id", "operator": "GT", "value": after or "0"}]
    if since:
        milliseconds = int(datetime.fromisoformat(since).timestamp() * 1000)
        filters.append({"propertyName": kind.modified, "operator": "GTE", "value": str(milliseconds)})
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": ["hs_object_id", *kind.fields, kind.modified],
        "limit": PAGE_SIZE,
        **({"after": cursor} if cursor else {}),
    }


def _fields(record: Any, kind: Kind) -> dict[str, str | None]:
    asked = {f: record.properties.get(f) for f in (*kind.fields, kind.modified)}
    return {HubSpot.key: str(record.id), **{f: value or None for f, value in asked.items()}}


def _text(value: Any) -> str | None:
    return None if value is None else value.isoformat() if isinstance(value, datetime) else str(value)


@contextmanager
def _explained(kind: Kind) -> Iterator[None]:
    """Every refusal as a sentence with the next step, without the token."""
    try:
        yield
    except HTTPError as error:
        raise UsageError(f"HubSpot does not answer ({type(error).__name__}). {_AGAIN}") from None
    except Exception as error:
        if not (status := getattr(error, "status", None)):
            raise
        advice = _ADVICE.get(status, _AGAIN)
        raise UsageError(f"HubSpot refuses {kind.name} (HTTP {status}: {_message(error)}). {advice}") from None


def _message(error: Any) -> str:
    try:
        return str(json.loads(error.body)["message"])[:200]
    except (TypeError, ValueError, KeyError):
        return str(error.reason)


_AGAIN = "What was pulled is kept: run the same command again later."
_ADVICE = {
    401: "Check SDR_HUBSPOT_TOKEN: the access token of a private app.",
    403: "Give the private app the scope to read this kind of record.",
}
