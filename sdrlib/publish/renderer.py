"""A process of its own that makes reports for a Dask worker: a parcel comes in, the files of a report go out.

A Dask worker runs its tasks in threads of one process, and a report changes what a process has only once (its
environment, its working files, its warm process). So each task hands its parcel to a process that has one thread and
makes one report at a time, as the workers on this machine do. It needs no file system that others see.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import IO

from sdrlib.publish.fanout import Order, render_one
from sdrlib.publish.notebook import NOTEBOOKS
from sdrlib.publish.runs import made_with
from sdrlib.publish.workers import watch
from sdrlib.records import Brief, Rendered, TeamBrief

MODULE = "sdrlib.publish.renderer"
SIZE = struct.Struct("!Q")
ENDED = "its process ended unexpectedly, as when memory runs out"


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that a report is made from.

    Attributes:
        brief: What it shows.
        order: Language, copies and engine; its template is one of the kit's notebooks, by its name among them.
        standing: Name -> content of files that were made of this very brief before.
        made_with: What the pages must be made with; see ``runs.made_with``.
    """

    brief: Brief | TeamBrief
    order: Order
    standing: Mapping[str, bytes]
    made_with: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a parcel.

    Attributes:
        rendered: As ``render_one`` says, with bare names for paths.
        files: Name -> content of what is new.
        unlike: What is otherwise here than the parcel demands; then nothing was made.
    """

    rendered: tuple[Rendered, ...] = ()
    files: Mapping[str, bytes] | None = None
    unlike: tuple[str, ...] = ()


def unlike(wanted: Mapping[str, str], found: Mapping[str, str]) -> tuple[str, ...]:
    """Names of what two machines make pages with that is not the same on both."""
    return tuple(sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name)))


def make(parcel: Parcel) -> Delivered:
    """Make a report in a folder that is gone afterwards."""
    template = NOTEBOOKS / parcel.order.template
    if other := unlike(parcel.made_with, made_with(template)):
        return Delivered(unlike=other)
    with tempfile.TemporaryDirectory(prefix="sdr-") as name:
        folder = Path(name)
        for stem, content in parcel.standing.items():
            (folder / stem).write_bytes(content)
        made = render_one(parcel.brief, folder, replace(parcel.order, template=template))
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    new = {name: content for name, content in files.items() if parcel.standing.get(name) != content}
    return Delivered(tuple(moved(copy, Path()) for copy in made), new)


def moved(copy: Rendered, folder: Path) -> Rendered:
    """The same copy, its files in another folder."""
    path = folder / copy.path.name if copy.path else None
    return replace(copy, path=path, files=tuple(folder / file.name for file in copy.files))


# ---- the process, and who owns it ---------------------------------------------------------------------


class Renderer:
    """The process as its owner sees it. It ends with its owner, kernels included."""

    def __init__(self) -> None:
        """Start it; it imports while the first parcel is on its way."""
        command = [sys.executable, "-m", MODULE, str(os.getpid())]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own

    def make(self, parcel: bytes) -> bytes:
        """One report.

        Raises:
            BrokenProcessPool: the process ended.
        """
        assert self.process.stdin  # noqa: S101 - mypy
        assert self.process.stdout  # noqa: S101 - mypy
        try:
            send(self.process.stdin, parcel)
            return receive(self.process.stdout)
        except (OSError, EOFError):
            self.close()
            raise BrokenProcessPool(ENDED) from None

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(OSError):  # what it was sent last and never read
                    pipe.close()


class Idle:
    """Renderers at hand in a Dask worker: as many as it runs tasks at once."""

    def __init__(self) -> None:  # noqa: D107
        self._lock = Lock()
        self._kind = ""
        self._idle: list[Renderer] = []

    def take(self, kind: str) -> Renderer:
        """One started since such parcels came: a process does not see that its code was edited."""
        with self._lock:
            if kind != self._kind:
                for old in self._idle:
                    old.close()
                self._kind, self._idle = kind, []
            return self._idle.pop() if self._idle else Renderer()

    def give_back(self, renderer: Renderer, kind: str) -> None:
        """For the next parcel of its kind."""
        with self._lock:
            if kind == self._kind:
                self._idle.append(renderer)
                return
        renderer.close()


IDLE = Idle()
"""The only state: a Dask worker knows tasks by the functions they are."""


def deliver(parcel: bytes, kind: str) -> bytes:
    """The task of a Dask worker. A process that dies is tried again once, in a new one.

    Args:
        parcel: A pickled ``Parcel``.
        kind: Names what its pages must be made with.

    Raises:
        BrokenProcessPool: it died again.
    """
    renderer = IDLE.take(kind)
    try:
        made = renderer.make(parcel)
    except BrokenProcessPool:
        renderer = Renderer()
        made = renderer.make(parcel)
    IDLE.give_back(renderer, kind)
    return made


def send(pipe: IO[bytes], content: bytes) -> None:
    """One message: its size, then itself."""
    pipe.write(SIZE.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """The next message.

    Raises:
        EOFError: there is none, or it is torn.
    """
    head = pipe.read(SIZE.size)
    size = SIZE.unpack(head)[0] if len(head) == SIZE.size else -1
    content: bytes = pipe.read(size) if size >= 0 else b""
    if len(content) != size:
        raise EOFError
    return content


def main(owner: int) -> None:
    """Make reports until the owner is gone. What a library prints goes to standard error."""
    watch(owner)
    with os.fdopen(os.dup(0), "rb") as parcels, os.fdopen(os.dup(1), "wb") as made:
        os.dup2(2, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        while True:
            try:
                parcel = receive(parcels)
            except EOFError:
                return
            send(made, pickle.dumps(make(pickle.loads(parcel))))  # noqa: S301 - from our owner


if __name__ == "__main__":
    from sdrlib.publish import renderer  # parcels name the module, not this program

    renderer.main(int(sys.argv[1]))
