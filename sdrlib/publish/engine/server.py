"""The warm process: imports what notebooks import, then does nothing but fork a child for each notebook.

Started as ``python -m sdrlib.publish.engine.server FD``, where FD is its end of a pair of sockets. It reads requests as
JSON, with the child's end of another pair beside a request to fork, and tells the process id of each child and its end.
It computes nothing itself: a library that has begun to compute may hold threads and locks that no fork survives. When
its owner is gone, it ends its children and itself.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import io
import json
import os
import shutil
import signal
import socket
import sys
import sysconfig
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from sdrlib.publish.engine import safety

LARGEST = 1 << 20
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
INSTALLED = tuple({sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")})
KERNEL = (
    "sdrlib.publish.engine.kernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "sqlite3",
    "tornado.platform.asyncio",
)
"""What a kernel imports before its first cell."""

INLINE = "module://matplotlib_inline.backend_inline"


class Server:
    """The loop of the warm process. ``serve`` returns in a child what it is to do, and in the parent None."""

    def __init__(self, owner: socket.socket) -> None:  # noqa: D107
        self.owner = owner
        self.children: set[int] = set()
        self.libc = ctypes.CDLL(None)
        self.pid = os.getpid()
        self.stamps = _stamps()
        self.hearing, self.telling = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.woken, waking = socket.socketpair()
        self.woken.setblocking(False)
        waking.setblocking(False)
        self._waking = waking
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)

    def tell(self, **news: Any) -> None:
        """Tell the owner, who may be gone."""
        with contextlib.suppress(OSError):
            self.owner.send(json.dumps(news).encode())

    def serve(self) -> Callable[[], None] | None:
        """Answer until the owner is gone."""
        with DefaultSelector() as selector:
            selector.register(self.owner, EVENT_READ)
            selector.register(self.woken, EVENT_READ)
            selector.register(self.hearing, EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self.woken in ready:
                    self._reap()
                if self.hearing in ready:
                    self._learn(json.loads(self.hearing.recv(LARGEST)))
                if self.owner in ready:
                    data, handed, *_ = socket.recv_fds(self.owner, LARGEST, 1)
                    if not data:
                        self._end()
                        return None
                    work = self._answer(json.loads(data), handed)
                    if work:
                        return work

    def _answer(self, request: dict[str, Any], handed: Sequence[int]) -> Callable[[], None] | None:
        if request["do"] == "signal":
            self._signal(request["pid"], request["signal"])
            return None
        reason = safety.threads()
        child = socket.socket(fileno=handed[0])
        if edited := _edited(self.stamps):
            self.tell(stale=edited)
        elif reason:
            self.tell(unsafe=reason)
        elif (pid := os.fork()) == 0:
            return self._child(child, request)
        else:
            self.children.add(pid)
            self.tell(pid=pid)
        child.close()
        return None

    def _signal(self, pid: int, number: int) -> None:
        """Only to children that have not ended: a process id may be another's by now."""
        if pid in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)

    def _learn(self, modules: Sequence[str]) -> None:
        """What one notebook has imported in the end, the next finds imported."""
        if any(name not in sys.modules for name in modules):
            warm_up(modules)
            self.stamps = _stamps()

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.woken.recv(LARGEST)
        for pid in list(self.children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._signal(pid, signal.SIGKILL)  # whatever it has left running
                self.children.discard(pid)
                self.tell(ended=pid, code=os.waitstatus_to_exitcode(status))

    def _end(self) -> None:
        for pid in self.children:
            self._signal(pid, signal.SIGKILL)

    def _child(self, sock: socket.socket, request: dict[str, Any]) -> Callable[[], None]:
        """A process group of its own, which ends with the warm process."""
        os.setsid()
        self.libc.prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != self.pid:
            os._exit(1)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        atexit.unregister(shutil.rmtree)  # folders of libraries, as matplotlib's without a home, are the parent's
        for inherited in (self.owner, self.woken, self._waking, self.hearing):
            inherited.close()
        return lambda: _work(sock, request, self.telling)


def _work(sock: socket.socket, request: dict[str, Any], telling: socket.socket) -> None:
    """Be the kernel of one notebook, then end as a program does."""
    from sdrlib.publish.engine.kernel import run

    os.chdir(request["folder"])
    known = set(sys.modules)
    if "numpy.random" in sys.modules:  # random seeds itself anew in a fork
        sys.modules["numpy.random"].seed()
    sys.argv = [str(Path(sys.modules["ipykernel"].__path__[0]).with_name("ipykernel_launcher.py"))]
    run(sock, request["arguments"])
    if modules := safety.learnt(known):
        telling.send(json.dumps(modules).encode())
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream:
            stream.flush()


def _stamps() -> dict[Path, int]:
    """When the code that was imported was last changed: the user's own, not what is installed."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    mine = (Path(file) for file in files if file and not file.startswith(INSTALLED))
    return {file: file.stat().st_mtime_ns for file in mine if file.exists()}


def _edited(stamps: Mapping[Path, int]) -> str:
    """A file that is no longer what was imported; empty when there is none."""
    changed = (file for file, stamp in stamps.items() if not file.exists() or file.stat().st_mtime_ns != stamp)
    return str(next(changed, ""))


def warm_up(modules: Sequence[str]) -> None:
    """Import; what cannot be imported is left to the notebook, which says so."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    pid = os.fork()  # ends the threads of libraries that know of forks, and start them again when they compute
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def main(fd: int) -> None:
    """Be warm until the owner is gone."""
    if sys.path and sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=fd) as owner:
        first = json.loads(owner.recv(LARGEST))
        os.chdir(os.sep)  # nobody's: what is imported asks no folder, and none is held
        os.environ.setdefault("MPLBACKEND", INLINE)
        with contextlib.redirect_stderr(io.StringIO()):  # the debugger complains of this Python, to nobody as a rule
            warm_up(KERNEL)
        warm_up(first["modules"])
        work = Server(owner).serve()
    code = 1
    try:
        (work or atexit._run_exitfuncs)()
        code = 0
    finally:
        os._exit(code)  # what was imported takes half a second to take apart


if __name__ == "__main__":
    main(int(sys.argv[1]))
