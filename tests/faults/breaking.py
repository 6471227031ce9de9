"""What can break a run, and how: at the n-th operation on a file, at a size, or after a while."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

KINDS = (
    "kill",
    "kill after a while",
    "SIGTERM",
    "SIGINT",
    "no space",
    "read-only",
    "no permission",
    "device error",
    "no space, once",
    "out of memory",
    "longest file",
    "full disk",
    "read-only disk",
    "failing notebook",
    "two at once",
)
ERRORS = {
    "no space": errno.ENOSPC,
    "no space, once": errno.ENOSPC,
    "read-only": errno.EROFS,
    "no permission": errno.EACCES,
    "device error": errno.EIO,
}
SIGNALS = {"kill": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}
WATCHED = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "shutil.", "tempfile.", "os.utime")


@dataclass(frozen=True)
class Fault:
    """What breaks, at which operation (or size, in pages), or after how many seconds."""

    kind: str
    at: int
    after: float = 0.0

    @classmethod
    def drawn(cls, chance: random.Random, length: int, kinds=KINDS) -> Fault:
        """Anywhere in a run of that length, a little beyond its end included."""
        kind = chance.choice(kinds)
        return cls(kind, chance.randrange(int(length * 1.1)), chance.uniform(0, 0.5) if "while" in kind else 0.0)


def arm(fault: Fault, out: Path, diary: int) -> None:
    """From now on this process meets the fault. There is no way back."""
    if fault.kind == "longest file":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.at * 300, resource.RLIM_INFINITY))
    met = {"number": 0}
    own = str(out)

    def hook(event, args):
        if not event.startswith(WATCHED) or not _ours(args, own):
            return
        number = met["number"] = met["number"] + 1
        if fault.kind == "count":
            os.write(diary, f"EVENTS {number}\n".encode())
        elif fault.kind in SIGNALS and number == fault.at:
            os.kill(os.getpid(), SIGNALS[fault.kind])
        elif fault.kind == "out of memory" and number == fault.at:
            raise MemoryError
        elif fault.kind in ERRORS and _writes(event, args) and _due(fault, number):
            raise OSError(ERRORS[fault.kind], os.strerror(ERRORS[fault.kind]), str(args[0]))

    sys.addaudithook(hook)


def _ours(args, own: str) -> bool:
    return any(isinstance(arg, (str, Path)) and str(arg).startswith(own) for arg in args[:2])


def _due(fault: Fault, number: int) -> bool:
    return number == fault.at or (number > fault.at and "once" not in fault.kind)


def _writes(event: str, args) -> bool:
    """Reading goes on where writing does not."""
    if event != "open":
        return True
    flags = args[2] if isinstance(args[2], int) else 0
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
