"""Where a database is and who asks: the URL taken apart, the password found, and what to do when the door is shut."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from sdrlib.errors import UsageError

PASSWORD = "SDR_DATABASE_PASSWORD"  # noqa: S105 - the name of a variable
SERVICE = "sdr-coaching-kit"
"""Under this name the system's keyring holds passwords; the entry's name is what comes before ``?`` in the URL."""

POSTGRES = ("postgres", "postgresql")
_SECRETS = ("password", "sslpassword", "passwd", "token", "private_key", "access_token", "pwd")
_PATIENCE = 10


@dataclass(frozen=True)
class Address:
    """A database without its secrets.

    Attributes:
        url: The URL as the user gave it, less ``?schema=``; it never holds a password.
        name: What errors call it: host and database.
        schema: The schema that holds the tables; empty where the user named none.
        password: What the environment or the keyring says; None leaves it to the driver (``PGPASSWORD``, ``.pgpass``).
    """

    url: str
    name: str
    schema: str
    password: str | None = field(repr=False)

    @property
    def is_postgres(self) -> bool:
        """Whether it is PostgreSQL by its URL."""
        return self.url.split(":", 1)[0] in POSTGRES

    def options(self) -> dict[str, Any]:
        """The arguments of ``psycopg.connect``; whatever the URL says is left to libpq."""
        own: dict[str, Any] = {"conninfo": self.url, "application_name": SERVICE}
        if "connect_timeout" not in self.url and "PGCONNECT_TIMEOUT" not in os.environ:
            own["connect_timeout"] = _PATIENCE
        return own | ({"password": self.password} if self.password else {})

    def forbidden(self, table: str, schema: str) -> str:
        """What to ask the administrator for."""
        what = f"the table {schema}.{table}" if table else f"the schema {schema}"
        user = urlsplit(self.url).username or "YOUR_ROLE"
        return (
            f"{self.name}: {what} may not be read by this user. Ask the database's administrator for: "
            f"GRANT USAGE ON SCHEMA {schema} TO {user}; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {user};"
        )

    def without_tables(self, schema: str, others: Sequence[str]) -> str:
        """A schema that is not there, or holds nothing."""
        there = ", ".join(others) or "none that this user may see"
        return f"{self.name}: there is no table in the schema {schema}. Name one with ?schema=NAME. There is: {there}."


def parse(uri: str) -> Address:
    """Take the URL apart and find the password.

    Raises:
        UsageError: the URL holds a password, or cannot be read.
    """
    try:
        parts = urlsplit(uri)
        has_secret = parts.password is not None
        host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError as error:
        raise UsageError(f"--data: this is no usable URL of a database ({error}).") from None
    query = parse_qsl(parts.query, keep_blank_values=True)
    if has_secret or any(key.lower() in _SECRETS for key, _ in query):
        raise UsageError(_no_secrets())
    database, _, schema = parts.path.strip("/").partition("/") if parts.scheme in POSTGRES else (parts.path, "", "")
    schema = dict(query).get("schema", schema)
    rest = urlencode([(key, value) for key, value in query if key != "schema"])
    path = f"/{database}" if parts.scheme in POSTGRES else parts.path
    url = urlunsplit((parts.scheme, parts.netloc, path, rest, ""))
    if not parts.netloc and not url.startswith(f"{parts.scheme}://"):
        url = f"{parts.scheme}://{url.split(':', 1)[1]}"  # urlunsplit leaves an empty host out
    place = f"{parts.scheme}://{host}/{unquote(database).strip('/')}"
    entry = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    return Address(url, place, schema, _password(entry) if parts.username else None)


def _no_secrets() -> str:
    return (
        "--data: the URL holds a password. It would stand in the shell's history and in the list of processes. "
        f"Leave it out and set {PASSWORD} (or PGPASSWORD, or a line in ~/.pgpass, or the system's keyring; "
        "see docs/databases.md). Change this password: it was typed where others can read it."
    )


def _password(entry: str) -> str | None:
    """From the environment, else from the keyring where that library is there and knows the entry."""
    if said := os.environ.get(PASSWORD):
        return said
    return None if os.environ.get("PGPASSWORD") else from_keyring(entry)


def from_keyring(entry: str) -> str | None:
    """What the system's keyring holds under that name; None without the library, a keyring or an entry."""
    with suppress(ImportError):
        import keyring
        from keyring.errors import KeyringError

        with suppress(KeyringError):
            return keyring.get_password(SERVICE, entry)
    return None


def explain(error: Exception, address: Address) -> str:
    """A failure of driver or server as a sentence with the next step, without the password."""
    if isinstance(error, ImportError):
        extra = "postgres" if address.is_postgres else "the backend's name"
        return f"{address.name}: the driver is not installed ({error.name or error}). Run: pip install " + (
            f"'sdr-coaching-kit[{extra}]'" if address.is_postgres else "'ibis-framework[NAME_OF_THE_BACKEND]'"
        )
    said = " ".join(str(error).split())[:300]
    if address.password:
        said = said.replace(address.password, "***")
    advice = next((advice for sign, advice in _ADVICE.items() if sign in said.lower()), _OTHERWISE)
    return f"{address.name}: {said.rstrip('.')}. {advice}"


_OTHERWISE = "See docs/databases.md, or export the tables to files and name their folder."
_ADVICE = {
    "password": f"Check the user in the URL and the password in {PASSWORD} (docs/databases.md lists the other places).",
    "authentication": f"Check the user in the URL and the password in {PASSWORD}.",
    "no pg_hba.conf entry": "The server refuses this user or machine: ask its administrator; perhaps ?sslmode=require.",
    "refused": "Check host and port in the URL, and that the server runs and may be reached from here.",
    "timeout": "Check host and port in the URL, and that a firewall lets this machine through.",
    "timed out": "Check host and port in the URL, and that a firewall lets this machine through.",
    "resolve": "Check the host's name in the URL.",
    "translate host name": "Check the host's name in the URL.",
    "does not exist": "Check the names in the URL and in the mapping.",
    "permission denied": "Ask the administrator for GRANT USAGE on the schema and GRANT SELECT on its tables.",
    "read-only transaction": "The kit only reads; please report this as a fault of the kit.",
    "statement timeout": "The server ends long queries: ask for a longer statement_timeout for this user.",
    "don't know how to connect": "Known are the URLs of ibis: postgres://, duckdb://, mysql://, snowflake://, bigquery://…",
}
