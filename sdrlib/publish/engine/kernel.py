"""In the child: ipykernel's own kernel, its sockets replaced by a link. What a cell does and shows is ipykernel's."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import zmq
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
from tornado.ioloop import IOLoop
from traitlets import Any as AnyTrait
from traitlets import Type

from sdrlib.publish.engine.link import CONTROL, IOPUB, KEY, SHELL, Link

FROM_CLIENT = b"client"


class Stream:
    """What ipykernel takes for a ZeroMQ stream: one channel of a link."""

    def __init__(self, link: Link, channel: bytes) -> None:  # noqa: D107
        self.link, self.channel = link, channel
        self.io_loop = IOLoop.current()
        self.received: Callable[[list[zmq.Frame]], Any] = lambda parts: None

    def on_recv(self, received: Callable[[list[zmq.Frame]], Any], copy: bool = True) -> None:
        """Whom to hand each message of the channel."""
        self.received = received

    def send_multipart(self, parts: Sequence[Any], *_: Any, **__: Any) -> None:
        """Send a message on the channel."""
        self.link.send(self.channel, parts)

    def flush(self, *_: Any) -> None:
        """What is sent is sent."""

    def dispatch(self, parts: list[bytes]) -> None:
        """Hand over a message as it would come from ZeroMQ, its sender first."""
        self.io_loop.add_callback(self.received, [zmq.Frame(part) for part in (FROM_CLIENT, *parts)])


class Published(Stream):
    """The channel that outputs go to; ipykernel's thread asks it for a context, to be woken by."""

    def __init__(self, link: Link, context: zmq.Context[Any]) -> None:  # noqa: D107
        super().__init__(link, IOPUB)
        self.context = context


class NoThread:
    """In place of the thread that hands cells to the main thread: cells come from the main thread's own loop."""

    parent_thread = threading.main_thread()

    def __bool__(self) -> bool:
        return False


class LinkedKernel(IPythonKernel):
    """A kernel without a debugger's socket and without subshells."""

    shell_stream, control_stream = AnyTrait(), AnyTrait()
    shell_channel_thread = AnyTrait(NoThread())
    _supports_kernel_subshells = False

    def start(self) -> None:
        """Begin to answer."""
        if self.shell:
            self.shell.exit_now = False
        Kernel.start(self)  # type: ignore[no-untyped-call]


class LinkedApp(IPKernelApp):
    """ipykernel's application, with its settings, start-up files and outputs, over a link."""

    kernel_class = Type(LinkedKernel, klass=Kernel).tag(config=True)

    def __init__(self, link: Link, **traits: Any) -> None:  # noqa: D107
        super().__init__(**traits)  # type: ignore[no-untyped-call]
        self.link = link

    def init_connection_file(self) -> None:
        """There is none: nobody else may connect."""

    def init_sockets(self) -> None:
        """Streams in place of sockets; only the thread that sends outputs needs ZeroMQ, within the process."""
        self.session.key = KEY
        self.context = zmq.Context()
        self.shell_socket, self.control_socket = Stream(self.link, SHELL), Stream(self.link, CONTROL)
        self.configure_tornado_logger()  # type: ignore[no-untyped-call]
        self.iopub_thread = IOPubThread(Published(self.link, self.context), session=self.session)  # type: ignore[no-untyped-call]
        self.iopub_thread.start()  # type: ignore[no-untyped-call]
        self.iopub_socket = self.iopub_thread.background_socket

    def init_heartbeat(self) -> None:
        """The owner sees the end of the process itself."""

    def write_connection_file(self, **_: Any) -> None:
        """There is none."""

    def log_connection_info(self) -> None:
        """There is none."""

    def init_poller(self) -> None:
        """The link's end is the owner's."""

    def init_kernel(self) -> None:
        """The kernel, reading from the link."""
        self.kernel = self.kernel_class.instance(
            parent=self,
            session=self.session,
            control_stream=self.control_socket,
            shell_stream=self.shell_socket,
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count

    def start(self) -> None:
        """Answer until told to stop, or until the owner is gone."""
        loop = IOLoop.current()
        loop.add_handler(self.link.sock.fileno(), lambda *_: self._readable(), loop.READ)
        super().start()  # type: ignore[no-untyped-call]
        self.iopub_thread.stop()

    def _readable(self) -> None:
        self.link.read()
        for stream in (self.control_socket, self.shell_socket):
            while (parts := self.link.take(stream.channel)) is not None:
                stream.dispatch(parts)
        if self.link.ended:
            os._exit(1)


def run(sock: socket.socket, arguments: Sequence[str]) -> None:
    """Be a kernel until told to stop."""
    app = LinkedApp.instance(Link(sock))
    app.initialize(list(arguments))  # type: ignore[no-untyped-call]
    if pyplot := sys.modules.get("matplotlib.pyplot"):  # was imported when there was no shell to hook into
        pyplot.install_repl_displayhook()
    app.start()
