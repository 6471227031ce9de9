"""The warm process as its owner sees it: started when first needed, ended with its owner, started again when lost."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sdrlib.publish.engine import safety
from sdrlib.publish.engine.server import LARGEST

SERVER = "sdrlib.publish.engine.server"
UNTOLD = ("PYTEST_CURRENT_TEST",)
"""Variables of the environment that no library reads when it is imported."""


class NotWarmError(Exception):
    """There is no warm process, for the reason given."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a warm process must have been started with to serve a notebook."""

    modules: tuple[str, ...]
    environment: Mapping[str, str]
    pid: int

    @classmethod
    def now(cls, modules: Sequence[str]) -> Wanted:
        """As a kernel started by this process at this moment would find it."""
        environment = {name: value for name, value in os.environ.items() if name not in UNTOLD}
        return cls(tuple(modules), environment, os.getpid())

    def covers(self, other: Wanted) -> bool:
        """Whether a process started with this serves the other too."""
        return replace(self, modules=other.modules) == other and set(other.modules) <= set(self.modules)


@dataclass
class WarmProcess:
    """One warm process and its children."""

    wanted: Wanted
    ended: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start it; it imports while its owner goes on."""
        self._lock = threading.RLock()
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", SERVER, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=dict(self.wanted.environment),
        )
        theirs.close()
        self.sock.send(json.dumps({"modules": self.wanted.modules}).encode())
        atexit.register(self.close)

    def fork(self, folder: Path, arguments: Sequence[str]) -> tuple[int, socket.socket]:
        """A child for one notebook: its process id, and the link to it.

        Raises:
            NotWarmError: the process is gone, or says that it may not fork.
        """
        ours, theirs = socket.socketpair()
        request = {"do": "fork", "folder": str(folder), "arguments": list(arguments)}
        with theirs, self._lock:
            try:
                socket.send_fds(self.sock, [json.dumps(request).encode()], [theirs.fileno()])
                answer = self._answer("pid", "unsafe", "stale")
            except OSError as error:
                ours.close()
                self.close()
                raise NotWarmError(f"the warm process is gone ({error})") from None
        if "pid" not in answer:
            ours.close()
        if "unsafe" in answer:
            raise NotWarmError(answer["unsafe"])
        if "stale" in answer:
            self.close()
            raise NotWarmError(f"{answer['stale']} was edited")
        return answer["pid"], ours

    def _answer(self, *names: str) -> dict[str, Any]:
        while True:
            news = self._next()
            if any(name in news for name in names):
                return news

    def _next(self, flags: int = 0) -> dict[str, Any]:
        data = self.sock.recv(LARGEST, flags)
        if not data:
            raise ConnectionResetError(f"ended with code {self.process.wait()}")
        news: dict[str, Any] = json.loads(data)
        if "ended" in news:
            self.ended[news["ended"]] = news["code"]
        return news

    def code(self, pid: int) -> int | None:
        """The exit code of a child that has ended, negative for a signal; None while it runs."""
        with self._lock:
            try:
                while pid not in self.ended:
                    self._next(socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            except OSError:
                return -signal.SIGKILL  # children end with their parent
        return self.ended[pid]

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to a child and whatever it has started."""
        with self._lock:
            try:
                self.sock.send(json.dumps({"do": "signal", "pid": pid, "signal": number}).encode())
            except OSError:
                return

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def close(self) -> None:
        """End it, with its children."""
        atexit.unregister(self.close)
        if self.wanted.pid != os.getpid():  # a fork of the owner: not ours to end
            return
        self.sock.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Keeper:
    """Keeps one warm process at hand: the one started with what the next notebook wants."""

    def __init__(self) -> None:  # noqa: D107
        self._kept: WarmProcess | None = None
        self._lock = threading.Lock()

    def begin(self, modules: Sequence[str]) -> WarmProcess:
        """The warm process for such notebooks, started if there is none."""
        wanted = Wanted.now(modules)
        with self._lock:
            kept = self._kept
            if kept is not None and kept.wanted.covers(wanted) and kept.alive:
                return kept
            if kept is not None:
                wanted = replace(wanted, modules=tuple(dict.fromkeys((*kept.wanted.modules, *modules))))
                kept.close()
            self._kept = WarmProcess(wanted)
            return self._kept

    def fork(
        self, modules: Sequence[str], folder: Path, arguments: Sequence[str]
    ) -> tuple[WarmProcess, int, socket.socket]:
        """A child for one notebook. A warm process that is lost is started again, once.

        Raises:
            NotWarmError: it was lost again, or may not fork.
        """
        process = self.begin(modules)
        try:
            return process, *process.fork(folder, arguments)
        except NotWarmError:
            if process.alive:
                raise
        process = self.begin(modules)
        return process, *process.fork(folder, arguments)

    def close(self) -> None:
        """End the warm process, if there is one."""
        with self._lock:
            if self._kept is not None:
                self._kept.close()
            self._kept = None


KEEPER = Keeper()
"""One warm process per owner: the only state, since papermill knows engines by their class."""


def begin(notebook: Path, folder: Path) -> None:
    """Start the warm process for a notebook that will be run, so that it imports while its owner does something else.

    What it finds in the environment must be what it finds when the notebook is run; else it is started again then.
    """
    if safety.unsupported():
        return
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    KEEPER.begin(safety.imports(sources, folder))
