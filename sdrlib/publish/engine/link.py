"""Jupyter messages over a pair of sockets: frames in the order they were sent, each with the name of its channel."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from queue import Empty

SHELL, CONTROL, IOPUB = b"s", b"c", b"p"
KEY = b"link"
"""Jupyter signs its messages. Nobody else can reach these sockets, so that the key need not be secret."""

HEAD, SIZE = struct.Struct("!cI"), struct.Struct("!Q")
CHUNK = 1 << 18


def pack(channel: bytes, parts: Sequence[bytes]) -> bytes:
    """One message: its channel, how many parts, their sizes, the parts."""
    plain = [bytes(part) for part in parts]
    return b"".join((HEAD.pack(channel, len(plain)), *(SIZE.pack(len(part)) for part in plain), *plain))


class Unpacker:
    """Bytes as they arrive, messages as they are whole."""

    def __init__(self) -> None:  # noqa: D107
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
        """Take bytes; give each message that is complete, with its channel."""
        self._bytes += data
        while (message := self._next()) is not None:
            yield message

    def _next(self) -> tuple[bytes, list[bytes]] | None:
        held = self._bytes
        if len(held) < HEAD.size:
            return None
        channel, count = HEAD.unpack_from(held)
        start = HEAD.size + count * SIZE.size
        if len(held) < start:
            return None
        sizes = [SIZE.unpack_from(held, HEAD.size + i * SIZE.size)[0] for i in range(count)]
        if len(held) < start + sum(sizes):
            return None
        parts = []
        for size in sizes:
            parts.append(bytes(held[start : start + size]))
            start += size
        del held[:start]
        return channel, parts


class Link:
    """One end of the pair: sent from any thread, received by whoever awaits a channel."""

    def __init__(self, sock: socket.socket) -> None:  # noqa: D107
        self.sock = sock
        self.ended = False
        self._sending = threading.Lock()
        self._unpacker = Unpacker()
        self._arrived: dict[bytes, deque[list[bytes]]] = {SHELL: deque(), CONTROL: deque(), IOPUB: deque()}
        self._waiting: set[asyncio.Future[None]] = set()

    def send(self, channel: bytes, parts: Sequence[bytes]) -> None:
        """Send a message whole; one that nobody is left to read is lost, as over a network."""
        with self._sending:
            try:
                self.sock.sendall(pack(channel, parts))
            except OSError:
                self.ended = True

    def read(self) -> None:
        """Take what has arrived, without waiting."""
        while not self.ended:
            try:
                data = self.sock.recv(CHUNK, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            self.ended = not data
            for channel, parts in self._unpacker.feed(data):
                self._arrived[channel].append(parts)

    def take(self, channel: bytes) -> list[bytes] | None:
        """The next message of a channel that has arrived, if any."""
        return self._arrived[channel].popleft() if self._arrived[channel] else None

    async def receive(self, channel: bytes, timeout: float | None = None) -> list[bytes]:
        """The next message of a channel.

        Raises:
            Empty: none came in time. From a link that has ended none comes: whoever awaits one asks whether the other
                end is alive.
        """
        loop = asyncio.get_running_loop()
        until = None if timeout is None else loop.time() + timeout
        while (parts := self.take(channel)) is None:
            left = None if until is None else until - loop.time()
            if left is not None and left <= 0:
                raise Empty
            await self._more(loop, left)
        return parts

    async def _more(self, loop: asyncio.AbstractEventLoop, timeout: float | None) -> None:
        news = loop.create_future()
        self._waiting.add(news)
        if not self.ended:
            loop.add_reader(self.sock, self._readable, loop)
        try:
            await asyncio.wait([news], timeout=timeout)
        finally:
            self._waiting.discard(news)
            if not self._waiting and self.sock.fileno() >= 0:
                loop.remove_reader(self.sock)

    def _readable(self, loop: asyncio.AbstractEventLoop) -> None:
        self.read()
        if self.ended:
            loop.remove_reader(self.sock)
        for news in self._waiting:
            if not news.done():
                news.set_result(None)

    def close(self) -> None:
        """Tell the other end that this one is gone."""
        self.ended = True
        self.sock.close()
