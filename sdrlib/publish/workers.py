"""Processes that do the work, so that one that dies costs its own piece only: the only page that knows loky."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")
Found = Generator[tuple[int, Done | BaseException], None, bool]


def spread(task: Callable[[Item], Done], items: Sequence[Item], workers: int) -> Found[Done]:
    """Do the task for every item, each in one of several processes.

    A pool loses everything it was at when one of its processes dies. Pieces begin in their order, so the first of
    those left were being worked at: each is tried again by itself, so that the culprit is known, and the others go on.

    Args:
        task: A function of a module, which the processes import.
        items: What it is done for.
        workers: Processes at work at once; one is still another process than this.

    Yields:
        The place of an item and what became of it, in the order they are finished: the result, or what was raised;
        ``BrokenProcessPool`` when its process died.

    Returns:
        True.
    """
    left = dict(enumerate(items))
    while left:
        if (yield from _pooled(task, left, workers)):
            break
        for place in list(left)[:workers]:
            alone = {place: left.pop(place)}
            if not (yield from _pooled(task, alone, 1)):
                yield place, BrokenProcessPool("its process ended unexpectedly, as when memory runs out")
    return True


def _pooled(task: Callable[[Item], Done], left: dict[int, Item], workers: int) -> Found[Done]:
    """Takes what is finished out of ``left``; False when a process died. Whatever ends it early ends the processes."""
    import loky

    watched = {"initializer": watch, "initargs": (os.getpid(),)}
    pool = loky.ProcessPoolExecutor(min(workers, len(left)), **watched)
    whole = False
    try:
        places = {pool.submit(task, item): place for place, item in left.items()}
        for future in as_completed(places):
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                return False
            del left[places[future]]
            yield places[future], error if error is not None else future.result()
        whole = True
    finally:
        pool.shutdown(wait=True, kill_workers=not whole)
    return True


def watch(parent: int) -> None:
    """In a worker: end with whoever asked for the work, kernels included; leave Ctrl-C to them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit.register(_leave)  # the first that is registered is the last that runs
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _leave() -> None:
    """End at once: to take apart what was imported takes longer than to make a report."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _end_with(parent: int) -> None:
    import psutil

    with suppress(psutil.NoSuchProcess):
        psutil.Process(parent).wait()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()
    os._exit(1)
