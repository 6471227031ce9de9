"""What a Dask cluster costs: the same reports from two workers of this machine and from two of a cluster on it.

``python -m benchmarks.cluster --reps 20 --rounds 3`` starts a scheduler and two workers, makes every report both ways
round after round, and prints the ratio within a round. Start-up of workers is left out: a cluster stands before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.fanout import REP, WORKERS, _brief


@contextmanager
def cluster() -> Iterator[str]:
    """Address of a scheduler with two workers of one thread each."""
    from distributed import Client

    with tempfile.TemporaryDirectory() as folder:
        contact, dask = Path(folder) / "scheduler.json", str(Path(sys.executable).with_name("dask"))
        quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        asked = ["--port", "0", "--no-dashboard", "--scheduler-file", str(contact)]
        started = [subprocess.Popen([dask, "scheduler", *asked], **quiet)]  # noqa: S603 - of this environment
        client = Client(scheduler_file=str(contact), set_as_default=False, timeout=60)
        address = client.scheduler.address
        worker = [dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        started += [subprocess.Popen(worker, **quiet) for _ in range(WORKERS)]  # noqa: S603
        try:
            client.wait_for_workers(WORKERS, timeout=60)
            yield address
        finally:
            client.close()
            for process in reversed(started):
                process.kill()
                process.wait()


def compare(reps: int, rounds: int) -> str:
    """A Markdown table."""
    with cluster() as address:
        _seconds(WORKERS, address)  # its workers import
        told = [(_seconds(reps, ""), _seconds(reps, address)) for _ in range(rounds)]
    ratios = [afar / here for here, afar in told]
    return "\n".join(
        [
            f"| {reps} reports, {rounds} rounds | seconds | cluster over here |",
            "|---|---:|---:|",
            f"| {WORKERS} workers here | {median(h for h, _ in told):.1f} | |",
            f"| {WORKERS} workers of a cluster | {median(a for _, a in told):.1f} | "
            f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) |",
        ]
    )


def _seconds(reps: int, scheduler: str) -> float:
    from sdrlib.publish.fanout import render

    with tempfile.TemporaryDirectory() as folder:
        briefs, began = {str(n): _brief(n) for n in range(reps)}, time.perf_counter()
        made = render(briefs, Path(folder), template=REP, language="en", jobs=WORKERS, scheduler=scheduler)
        if any(copy.state != "ok" for copy in made):
            raise SystemExit(made[0].error)
        return time.perf_counter() - began


def small() -> str:
    """For ``make bench``."""
    return compare(4, 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--reps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(compare(asked.reps, asked.rounds))


if __name__ == "__main__":
    main()
