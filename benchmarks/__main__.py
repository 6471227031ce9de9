"""``make bench``: every benchmark that has a small form, one after another, into ``RESULTS.md``.

A module of this folder has a small form when it defines ``small() -> str``, which measures for a minute or so and
gives Markdown. Figures of one run belong together; between machines and runs only ratios say anything.
"""

from __future__ import annotations

import os
import platform
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"


def main() -> None:
    found = (import_module(f"benchmarks.{path.stem}") for path in sorted(HERE.glob("[!_]*.py")))
    told = [
        "# Benchmarks, small",
        f"`make bench` on {os.cpu_count()} processors, Python {platform.python_version()}. Each has a larger form of "
        "its own. Seconds are one machine's, on which other work may have run; ratios and powers are what is meant.",
    ]
    for module in found:
        if small := getattr(module, "small", None):
            print(f"{module.__name__} …", flush=True)
            first = (module.__doc__ or "").partition("\n")[0]
            told.append(f"# {module.__name__.removeprefix('benchmarks.')}\n\n{first}\n\n{small()}")
            RESULTS.write_text("\n\n".join(told) + "\n", encoding="utf-8")
    print(RESULTS)


if __name__ == "__main__":
    main()
