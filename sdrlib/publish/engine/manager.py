"""One child as papermill's client knows kernels: something to start, to talk to, to interrupt and to end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_client.client import KernelClient
from jupyter_client.session import Session

from sdrlib.publish.engine.link import CONTROL, IOPUB, KEY, SHELL, Link
from sdrlib.publish.engine.warm import Keeper, WarmProcess

AT_ONCE, PATIENCE, POLL = 0.5, 5.0, 0.005
"""Seconds that an idle kernel needs to end, that any kernel has, as with jupyter_client, and between two looks."""


class Channel:
    """One channel of the link, as the client reads and writes it."""

    def __init__(self, manager: ChildManager, name: bytes) -> None:  # noqa: D107
        self.manager, self.name = manager, name

    def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self.manager.link.send(self.name, self.manager.session.serialize(message))

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message; ``queue.Empty`` when none comes in time."""
        parts = await self.manager.link.receive(self.name, timeout)
        _, rest = self.manager.session.feed_identities(parts)
        return self.manager.session.deserialize(rest)


class ChildClient(KernelClient):
    """jupyter_client's requests, sent over the link."""

    def __init__(self, manager: ChildManager) -> None:  # noqa: D107
        super().__init__(session=manager.session)
        self.manager = manager
        self._shell_channel, self._control_channel = Channel(manager, SHELL), Channel(manager, CONTROL)
        self._iopub_channel = Channel(manager, IOPUB)

    def start_channels(self, *_: Any, **__: Any) -> None:
        """They are open."""

    def stop_channels(self) -> None:
        """They end with the kernel."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """A child answers from the start; what it is asked first waits for it."""

    async def is_alive(self) -> bool:
        """Whether the child runs."""
        return self.manager.code is None


class ChildManager:
    """A forked child in place of a kernel's process; the parts of jupyter_client's manager that nbclient calls."""

    ipykernel = True

    def __init__(self, keeper: Keeper, modules: Sequence[str]) -> None:  # noqa: D107
        self.keeper, self.modules = keeper, modules
        self.session = Session(key=KEY)
        self.process: WarmProcess | None = None
        self.pid = 0
        self.link: Link

    @property
    def has_kernel(self) -> bool:
        """Whether a child was started and not yet cleaned up."""
        return self.process is not None

    @property
    def code(self) -> int | None:
        """The child's exit code; None while it runs."""
        return self.process.code(self.pid) if self.process else 0

    def start_kernel(self, extra_arguments: Sequence[str] = (), cwd: str | None = None, **_: Any) -> None:
        """Fork a child that works in the given folder."""
        folder = Path(cwd) if cwd else Path.cwd()
        self.process, self.pid, sock = self.keeper.fork(self.modules, folder.resolve(), list(extra_arguments))
        self.link = Link(sock)

    def client(self) -> ChildClient:
        """Who talks to the child."""
        return ChildClient(self)

    async def is_alive(self) -> bool:
        """Whether the child runs."""
        return self.code is None

    def interrupt_kernel(self) -> None:
        """As Ctrl-C does, to whatever the cell has started too."""
        if self.process:
            self.process.signal(self.pid, signal.SIGINT)

    async def shutdown_kernel(self, now: bool = False, **_: Any) -> None:
        """Ask it to end, and end it when it does not in time."""
        if not now:
            Channel(self, CONTROL).send(self.session.msg("shutdown_request", {"restart": False}))
            if await self._ended(AT_ONCE):
                return
            self.interrupt_kernel()  # a cell that runs on; an idle kernel would only complain
            if await self._ended(PATIENCE):
                return
        if self.process:
            self.process.signal(self.pid, signal.SIGKILL)
        await self._ended(PATIENCE)

    async def _ended(self, within: float) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        while self.code is None:
            if loop.time() > until:
                return False
            await asyncio.sleep(POLL)
        return True

    def cleanup_resources(self, **_: Any) -> None:
        """Close the link."""
        if self.process:
            self.link.close()
            self.process.ended.pop(self.pid, None)
        self.process = None
