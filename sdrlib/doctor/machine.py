"""Whether the machine gives what a run takes: disk, memory, a clock, zones and languages."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from sdrlib.doctor.asking import Answer, Asked, line
from sdrlib.knowledge import LANGUAGES
from sdrlib.words import Words

MB = 1_000_000
FREE_MB, LEAST_MB = 1_000, 100
"""A run of 200 reps with PDFs is about 200 MB."""

JOB_MB = 400
"""What a kernel with the kit and its pictures takes."""

CLOCKS_APART = 120


def out(asked: Asked) -> Answer:
    """The folder, or the nearest one above it that is there: that is where a run would begin to write."""
    there = next(p for p in (asked.out.resolve(), *asked.out.resolve().parents) if p.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free // MB
    except OSError as error:
        return Answer("closed", {"path": str(asked.out), "error": error.strerror or type(error).__name__})
    code = "writable" if free >= FREE_MB else "narrow" if free >= LEAST_MB else "full"
    return Answer(code, {"path": str(asked.out), "free": str(free)})


def zones(_: Asked) -> Answer:
    """Whether times can be told in their zone."""
    from zoneinfo import ZoneInfo, available_timezones

    try:
        datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Paris")).utcoffset()
    except (KeyError, OSError) as error:
        return Answer("missing", {"error": line(error)})
    return Answer("there", {"number": str(len(available_timezones()))})


def locales(_: Asked) -> Answer:
    """Whether dates can be written in both languages."""
    try:
        days = [Words(language).day(date(2026, 10, 5)) for language in LANGUAGES]
    except Exception as error:  # Babel says it in several ways
        return Answer("missing", {"error": line(error)})
    return Answer("there", {"examples": ", ".join(days)})


def clock(asked: Asked) -> Answer:
    """Whether now is now: rows of the future are never read, and old runs are told by the disk."""
    now, kit = time.time(), Path(__file__).stat().st_mtime
    shown = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M")
    if now < kit - CLOCKS_APART:
        return Answer("behind", {"now": shown})
    there = next(p for p in (asked.out.resolve(), *asked.out.resolve().parents) if p.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there) as file:
            apart = abs(Path(file.name).stat().st_mtime - time.time())
    except OSError:
        apart = 0.0
    return Answer("apart", {"seconds": f"{apart:.0f}"}) if apart > CLOCKS_APART else Answer("sane", {"now": shown})


def memory(asked: Asked) -> Answer:
    """Whether as many reports at once as are asked for find room."""
    jobs = asked.settings.jobs or os.cpu_count() or 1
    free = _free_mb(Path("/proc/meminfo"), Path("/sys/fs/cgroup"))
    if free is None:
        return Answer("unknown")
    values = {"free": str(free), "jobs": str(jobs), "needed": str(jobs * JOB_MB)}
    return Answer("enough" if free >= jobs * JOB_MB else "scarce", values)


def _free_mb(meminfo: Path, cgroup: Path) -> int | None:
    """What Linux says is available, and no more than a container is given; None elsewhere."""
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
    try:
        given = int((cgroup / "memory.max").read_text()) - int((cgroup / "memory.current").read_text())
    except (OSError, ValueError):  # no container, or one without a limit
        given = free
    return min(free, given) // MB
