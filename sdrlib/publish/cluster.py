"""Reports made by the workers of a Dask cluster: the only page that knows Dask.

Parcels travel as bytes and so do the files that come back: a worker needs the kit and nothing else of ours.
"""

from __future__ import annotations

import hashlib
import json
import logging
import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from sdrlib.errors import UnfinishedError, UsageError
from sdrlib.publish import renderer
from sdrlib.publish.fanout import Made, Order, Ordered, afresh, render_one, standing, stands
from sdrlib.publish.notebook import NOTEBOOKS
from sdrlib.publish.renderer import Delivered, Parcel
from sdrlib.publish.runs import made_with
from sdrlib.publish.staging import whole
from sdrlib.records import Brief, Rendered, TeamBrief

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client, Future

INSTALL = "pip install 'sdr-coaching-kit[dask]'"
LOCALLY = "Or leave --scheduler out: reports are then made on this machine."
SECONDS = 10
"""Within which a scheduler answers, and the first worker joins."""

LOST_SECONDS = 60
"""Without any worker for so long, nobody waits longer: those that are started anew have joined by then."""


def spread_over(scheduler: str, orders: Sequence[Ordered], out: Path) -> Made:
    """Make reports on a cluster; their files come into ``out``.

    A worker that is lost costs its time alone: Dask hands what it was at to another. Reports that stand in ``out``
    already are not sent.

    Args:
        scheduler: Its address, as ``tcp://10.0.0.5:8786``.
        orders: What is made of which brief.
        out: A folder of this machine.

    Yields:
        The place of an order, and its copies or what kept it from being made.

    Raises:
        UsageError: Dask is not installed, nobody answers, no worker is there, or one would make other pages.
        UnfinishedError: the cluster was lost; what came back stays.
    """
    left = {}
    for place, (brief, order) in enumerate(orders):
        if stands(brief, out, order):
            yield place, render_one(brief, out, order)
        else:
            left[place] = (brief, order)
    if not left:
        return
    with _connected(scheduler) as client:
        wanted = {order.template: made_with(order.template) for _, order in left.values()}
        _alike(client, wanted, scheduler)
        yield from _awaited(client, left, out, wanted, scheduler)


def _awaited(
    client: Client, left: Mapping[int, Ordered], out: Path, wanted: Mapping[Path, Mapping[str, str]], scheduler: str
) -> Made:
    arrived: SimpleQueue[Future] = SimpleQueue()
    places: dict[str, int] = {}
    kind = hashlib.sha256(json.dumps(sorted(map(str, wanted.values()))).encode()).hexdigest()
    for place, (brief, order) in left.items():
        parcel = pickle.dumps(_parcel(brief, order, out, wanted[order.template]))
        future = client.submit(*_sealed(renderer.deliver, parcel, kind), pure=False)
        places[future.key] = place
        future.add_done_callback(arrived.put)
    while places:
        future = _next(client, arrived, scheduler)
        try:
            delivered: Delivered = pickle.loads(future.result())  # noqa: S301 - as Dask itself reads what a worker sends
        except CancelledError:
            raise UnfinishedError(_gone(scheduler)) from None
        except Exception as error:  # of this report: the others go on
            yield places.pop(future.key), error
            continue
        if delivered.unlike:
            raise UsageError(_unlike(scheduler, {"a worker that joined": delivered.unlike}))
        yield places.pop(future.key), _unpacked(delivered, out)
        future.release()


def _parcel(brief: Brief | TeamBrief, order: Order, out: Path, wanted: Mapping[str, str]) -> Parcel:
    afresh(brief, out)
    files = {path.name: path.read_bytes() for path in standing(brief, out)}
    named = replace(order, template=order.template.resolve().relative_to(NOTEBOOKS.resolve()))
    return Parcel(brief, named, files, wanted)


def _unpacked(delivered: Delivered, out: Path) -> list[Rendered]:
    for name, content in (delivered.files or {}).items():
        with whole(out / Path(name).name) as partial:
            partial.write_bytes(content)
    return [renderer.moved(copy, out) for copy in delivered.rendered]


# ---- the cluster --------------------------------------------------------------------------------------


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise UsageError(f"--scheduler {scheduler}: Dask is not installed ({INSTALL}). {LOCALLY}") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it has to tell is told by the errors below
    try:
        client = Client(scheduler, timeout=SECONDS, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:  # no answer, no such address, no such protocol
        told = " ".join(str(error).split())[:200] or type(error).__name__
        raise UsageError(
            f"--scheduler {scheduler}: nobody answers there as a Dask scheduler ({told}). Start one with "
            f"“dask scheduler”, and name the address that it prints, as tcp://10.0.0.5:8786. {LOCALLY}"
        ) from None
    try:
        yield client
    finally:
        with suppress(Exception):  # the scheduler may be gone
            client.close(timeout=SECONDS)


def _alike(client: Client, wanted: Mapping[Path, Mapping[str, str]], scheduler: str) -> None:
    """Before anything is sent: is a worker there, and would each make the very pages that this machine makes?"""
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        raise UsageError(
            f"--scheduler {scheduler}: no worker has joined it within {SECONDS} seconds. Start some with "
            f"“dask worker {scheduler} --nthreads 1 --nworkers 4”, in the kit's environment. {LOCALLY}"
        ) from None
    names = [str(template.resolve().relative_to(NOTEBOOKS.resolve()).as_posix()) for template in wanted]
    found: dict[str, Any] = client.run(*_sealed(described, names), on_error="return")
    others: dict[str, tuple[str, ...]] = {}
    for worker, told in found.items():
        if isinstance(told, Exception):
            others[worker] = (" ".join(f"{type(told).__name__}: {told}".split()),)
        elif other := sorted({n for w, f in zip(wanted.values(), told, strict=True) for n in renderer.unlike(w, f)}):
            others[worker] = tuple(other)
    if others:
        raise UsageError(_unlike(scheduler, others))


class _Call:
    """Unpickled, it is what the function returns."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call[0], self.call[1:]


def _sealed(*call: Any) -> tuple[Callable[[bytes], Any], bytes]:
    """The call as a task that a scheduler can read without the kit: it would import what a task names."""
    return pickle.loads, pickle.dumps(_Call(*call))


def described(templates: Sequence[str]) -> list[dict[str, str]]:
    """On a worker: what it makes pages with."""
    return [made_with(NOTEBOOKS / template) for template in templates]


def _unlike(scheduler: str, others: Mapping[str, Sequence[str]]) -> str:
    """What is otherwise on which workers."""
    told = "; ".join(f"{worker}: {', '.join(names)}" for worker, names in sorted(others.items()))
    return (
        f"--scheduler {scheduler}: pages would not be those of this machine. Other than here is, on {told}. "
        f"Install the same kit from the same requirements.lock there, and restart those workers. {LOCALLY}"
    )


def _next(client: Client, arrived: SimpleQueue[Future], scheduler: str) -> Future:
    """What is finished next; asked meanwhile is whether anybody is left to finish anything."""
    since = time.monotonic()
    while True:
        with suppress(Empty):
            return arrived.get(timeout=1)
        if client.status != "running":
            raise UnfinishedError(_gone(scheduler))
        if client.scheduler_info()["workers"]:
            since = time.monotonic()
        elif time.monotonic() - since > LOST_SECONDS:
            raise UnfinishedError(_gone(scheduler))


def _gone(scheduler: str) -> str:
    return (
        f"--scheduler {scheduler}: the cluster was lost, or its last worker. Reports that came back are kept, and the "
        f"next run goes on with them. {LOCALLY}"
    )
