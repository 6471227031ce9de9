"""Salesforce's interface (OAuth client credentials, ``queryAll``) through simple-salesforce."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from urllib3.util.retry import Retry

from sdrlib.errors import UsageError
from sdrlib.sources.pull import GONE, Kind, Row

PATIENCE = Retry(
    total=8, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None
)  # waits as long as Retry-After says


def new_session() -> requests.Session:
    """A session that waits and asks again where the server says that it is busy."""
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=PATIENCE))
    return session


class Salesforce:
    """Users, tasks, events, leads, contacts and opportunities of an organisation."""

    key = "Id"

    def __init__(self, domain: str, key: str, secret: str, *, session: requests.Session | None = None) -> None:
        """Log in as the connected application.

        Raises:
            UsageError: Salesforce refuses.
        """
        with _explained("the login"):
            self.client = Client(
                domain=domain, consumer_key=key, consumer_secret=secret, session=session or new_session()
            )

    def pages(self, kind: Kind, since: str, after: str) -> Iterator[Sequence[Row]]:
        """Records changed since then, by ascending id; deleted and archived ones too."""
        with _explained(kind.name):
            found = self.client.query(_question(kind, since, after), include_deleted=True)
        while True:
            yield [_row(record) for record in found["records"]]
            if found["done"]:
                return
            with _explained(kind.name):
                found = self.client.query_more(found["nextRecordsUrl"], identifier_is_url=True)

    def deleted(self, kind: Kind) -> Iterator[Sequence[Row]]:
        """None further: ``queryAll`` shows the bin."""
        return iter(())


def _question(kind: Kind, since: str, after: str) -> str:
    has_bin = [] if kind.name == "User" else ["IsDeleted"]  # users are switched off, never deleted
    conditions = [f"Id > '{after}'"] if after else []
    if since:
        day = datetime.fromisoformat(since)
        instant = (day if day.tzinfo else day.replace(tzinfo=UTC)).astimezone(UTC)
        conditions.append(f"SystemModstamp >= {instant:%Y-%m-%dT%H:%M:%SZ}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    fields = ", ".join(["Id", *kind.fields, "SystemModstamp", *has_bin])
    return f"SELECT {fields} FROM {kind.name}{where} ORDER BY Id"  # noqa: S608 - names of knowledge, or words


def _row(record: Any) -> Row:
    row = {name: _text(value) for name, value in record.items() if name not in {"attributes", "IsDeleted"}}
    return {**row, GONE: "deleted"} if record.get("IsDeleted") else row


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Every refusal as a sentence with the next step, without key, secret or session."""
    try:
        yield
    except requests.RequestException as error:
        raise UsageError(f"Salesforce does not answer ({type(error).__name__}). {_AGAIN}") from None
    except SalesforceExpiredSession:
        raise UsageError(f"Salesforce ended the session. {_AGAIN}") from None
    except SalesforceError as error:
        code, said = _message(error)
        advice = next((a for sign, a in _ADVICE.items() if sign in f"{code} {said}"), _AGAIN)
        raise UsageError(f"Salesforce refuses {what} ({code}: {said}). {advice}") from None


def _message(error: Any) -> tuple[str, str]:
    content = getattr(error, "content", None)
    if isinstance(content, list) and content and isinstance(content[0], dict):
        return str(content[0].get("errorCode", "error")), str(content[0].get("message", ""))[:200]
    return str(getattr(error, "code", "error")), str(getattr(error, "message", content or ""))[:200]


_AGAIN = "What was pulled is kept: run the same command again later."
_ADVICE = {
    "REQUEST_LIMIT_EXCEEDED": "The day's requests are used up; what was pulled is kept: run the same command tomorrow.",
    "INVALID_FIELD": "The application's user may not see this field: give it the permission, or check --field.",
    "INVALID_TYPE": "The connected application's user may not see this kind of record: give it the permission.",
    "invalid_client": "Check SDR_SALESFORCE_KEY, SDR_SALESFORCE_SECRET and SDR_SALESFORCE_DOMAIN.",
    "invalid_grant": "Allow the client-credentials flow for the connected application and give it a user.",
}
