"""Runs that nobody watches: one at a time, stopped cleanly, and ended with a cause and never with a traceback."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from filelock import FileLock, SoftFileLock, Timeout

from sdrlib.errors import KitError, LockedError, UnfinishedError, UsageError

LOCK, HOLDER = ".sdr.lock", ".sdr.holder.json"
STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")
KEPT = "Nothing was published; what was made is kept, and the next run goes on with it."


@contextmanager
def held(folder: Path, run: str) -> Iterator[None]:
    """Hold the folder alone. The lock is the system's: it ends with the process, however that ends.

    Args:
        folder: Where runs are published; made when missing, and removed again when nothing came to stand in it.
        run: Name of the run, told to whoever comes meanwhile.

    Raises:
        LockedError: another run holds it; says who and since when.
        UsageError: nothing can be written there.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        raise LockedError(f"{folder}: {_holder(folder)}") from None
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot write there ({error.strerror}). Name another folder.") from None
    try:
        _present(folder, run)
        yield
    finally:
        _leave(folder, lock)
        for place in made:
            with suppress(OSError):  # something stands in it
                place.rmdir()


def _present(folder: Path, run: str) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    who = {"run": run, "pid": os.getpid(), "host": socket.gethostname(), "since": now}
    (folder / HOLDER).write_text(json.dumps(who) + "\n", encoding="utf-8")


def _holder(folder: Path) -> str:
    with suppress(OSError, ValueError, KeyError):
        who = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        told = (
            f"another run is at work there since {who['since']}: {who['run']}, process {who['pid']} on {who['host']}."
        )
        return f"{told} Wait for it, or end that process; nothing is lost by that."
    return "another run is at work there. Wait for it."


def _leave(folder: Path, lock: Any) -> None:
    """A lock file goes while it is held: whoever waits for it sees that and asks for a new one."""
    with suppress(OSError):
        (folder / HOLDER).unlink(missing_ok=True)
    if os.name == "posix" and not isinstance(lock, SoftFileLock):
        with suppress(OSError):
            (folder / LOCK).unlink(missing_ok=True)
    lock.release()


@contextmanager
def stoppable() -> Iterator[None]:
    """End by the usual road when asked to stop: lock released, workers and kernels ended, exit code 128 + signal.

    A second signal ends the process at once, as it would have without this.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    known = [getattr(signal, name) for name in STOPPING if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in known}

    asked: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        asked.append(number)
        for each in known:
            signal.signal(each, signal.SIG_DFL)
        raise SystemExit(128 + number)

    for number in known:
        if before[number] is not signal.SIG_IGN:  # as nohup asks
            signal.signal(number, stop)
    try:
        yield
    except Exception:
        if asked:  # a library that is interrupted may raise an error of its own
            raise SystemExit(128 + asked[0]) from None
        raise
    finally:
        for number in known:
            signal.signal(number, before[number])


@contextmanager
def accounted(folder: Path) -> Iterator[None]:
    """Whatever ends a run early is told with its cause.

    Raises:
        UnfinishedError: the disk, the memory, or a fault of the kit.
    """
    try:
        yield
    except KitError:
        raise
    except MemoryError:
        raise UnfinishedError(f"Out of memory. {KEPT} Give it more, or fewer --jobs.") from None
    except OSError as error:
        place = error.filename or folder
        raise UnfinishedError(f"{place}: {error.strerror or error}. {KEPT}") from error
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        told = " ".join(f"{type(error).__name__}: {error}".split())
        where = f"{Path(at.filename).name}, line {at.lineno}"
        raise UnfinishedError(f"A fault of the kit ({where}): {told}. {KEPT} Please report it.") from error
