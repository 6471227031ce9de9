"""How long a team's reports take: users' commands, papermill in one process, two workers, two warm workers, the floor.

``python -m benchmarks.fanout --reps 50`` (about half an hour; ``--reps 4`` for a look) makes the same reports in every
way, one way after another and round after round, and prints reports per minute and ratios. Times include start-up.
Only ratios of one run say anything: machines differ, and are shared. ``--memory 500`` follows the memory of a worker
instead.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median

REP = Path(__file__).resolve().parents[1] / "notebooks" / "reports" / "rep.ipynb"
SEABORN = Path(__file__).with_name("seaborn_rep.ipynb")
WORKERS = 2
WAYS = ("commands", "one process", "two stock", "two warm", "floor")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--notebooks", nargs="+", choices=("kit", "seaborn"), default=("kit", "seaborn"))
    parser.add_argument("--memory", type=int, default=0, help="follow the memory of a worker over so many reports")
    parser.add_argument("--side", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        from benchmarks import fanout  # this module by its name, which workers can import

        way, notebook, reps, folder = asked.side
        return fanout.SIDES[way](notebook, int(reps), Path(folder))
    _compiled()
    if asked.memory:
        return memory(asked.memory)
    for notebook in asked.notebooks:
        compare(notebook, asked.reps, asked.rounds, asked.ways)
    return None


def compare(notebook: str, reps: int, rounds: int, ways: tuple[str, ...]) -> None:
    """Every way, round after round; ratios are taken within a round."""
    told: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            with tempfile.TemporaryDirectory() as folder:
                told[way].append(_timed(way, notebook, reps, Path(folder)))
    print(f"\n{notebook} notebook, {reps} reports, {rounds} rounds, {os.cpu_count()} processors")
    print(f"{'':14}{'reports/min':>12}{'CPU s/report':>14}{f'wall: {ways[0]} = 1':>22}{'CPU':>8}")
    for way, times in told.items():
        walls = [told[ways[0]][i][0] / wall for i, (wall, _) in enumerate(times)]
        cpus = [told[ways[0]][i][1] / cpu for i, (_, cpu) in enumerate(times)]
        wall, cpu = median(w for w, _ in times), median(c for _, c in times)
        spread = f"{median(walls):.2f} ({min(walls):.2f}–{max(walls):.2f})"
        print(f"{way:14}{60 * reps / wall:12.1f}{cpu / reps:14.2f}{spread:>22}{median(cpus):8.2f}")
    if {"two warm", "floor"} <= set(ways):
        over = [told["two warm"][i][0] / told["floor"][i][0] for i in range(rounds)]
        print(f"two warm against the floor, wall: {median(over):.2f} ({min(over):.2f}–{max(over):.2f})")


def small() -> str:
    """For ``make bench``: four reports of the kit's notebook, each way once."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        _compiled()
        compare("kit", 4, 1, WAYS)
    return f"```\n{told.getvalue().strip()}\n```"


def _timed(way: str, notebook: str, reps: int, folder: Path) -> tuple[float, float]:
    """Wall and processor seconds of a process that makes the reports, and of all it starts."""
    before, began = _children(), time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.fanout", "--side", way, notebook, str(reps), str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - this module
    made = len(list(folder.rglob("*.html")))
    if made != reps:
        raise SystemExit(f"{way} made {made} of {reps} pages")
    return time.perf_counter() - began, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _compiled() -> None:
    """Without compiled files every command compiles what it imports, and all ratios come out twice too good."""
    print(f"PYTHONDONTWRITEBYTECODE was {os.environ.pop('PYTHONDONTWRITEBYTECODE', None)!r}, is unset")
    for folder in {*map(Path, sys.path)}:
        if folder.is_dir() and (folder.name == "site-packages" or (folder / "sdrlib").is_dir()):
            for part in (folder,) if folder.name == "site-packages" else (folder / "sdrlib", folder / "benchmarks"):
                compileall.compile_dir(part, quiet=2, workers=0)


# ---- ways ---------------------------------------------------------------------------------------------


def commands(notebook: str, reps: int, folder: Path) -> None:
    """What users type, for one rep after another."""
    for number in range(reps):
        out = folder / f"{number}.ipynb"
        given = _parameters(notebook, number, folder)
        words = [word for name, value in given.items() for word in ("-r", name, str(value))]
        template, form = (str(REP), "coaching") if notebook == "kit" else (str(SEABORN), "html")
        quiet = ["--no-progress-bar", "--log-level", "ERROR", "--cwd", str(folder)]
        _call("papermill", template, str(out), "-k", "python3", *quiet, *words)
        _call("jupyter", "nbconvert", "--to", form, "--log-level", "ERROR", str(out))


def _call(tool: str, *words: str) -> None:
    command = [str(Path(sys.executable).with_name(tool)), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - tools of this environment


def one_process(notebook: str, reps: int, folder: Path) -> None:
    """papermill.execute_notebook and nbconvert, imported once; a kernel for each report."""
    for number in range(reps):
        _execute(notebook, number, folder, "stock")


def two_stock(notebook: str, reps: int, folder: Path) -> None:
    """Two workers that do that."""
    _workers(notebook, reps, folder, lambda n: (_execute, notebook, n, folder, "stock"))


def two_warm(notebook: str, reps: int, folder: Path) -> None:
    """Two workers with the warm engine; for the kit's notebook this is the kit."""
    if notebook == "kit":
        from sdrlib.publish.fanout import render

        briefs = {str(n): _brief(n) for n in range(reps)}
        done = render(briefs, folder, template=REP, language="en", jobs=WORKERS)
        assert {r.state for r in done} == {"ok"}, [r.error for r in done]  # noqa: S101
    else:
        _workers(notebook, reps, folder, lambda n: (_execute, notebook, n, folder, "warm"))


def floor(notebook: str, reps: int, folder: Path) -> None:
    """The same sections and figures from plain functions, in two workers; no notebook is run."""
    _workers(notebook, reps, folder, lambda n: (_plain, notebook, n, folder))


def _workers(notebook: str, reps: int, folder: Path, task: Callable[[int], tuple]) -> None:
    import loky

    with loky.ProcessPoolExecutor(min(WORKERS, reps)) as pool:
        for made in [pool.submit(*task(n)) for n in range(reps)]:
            made.result()


SIDES = dict(zip(WAYS, (commands, one_process, two_stock, two_warm, floor), strict=True))


# ---- one report ---------------------------------------------------------------------------------------


def _parameters(notebook: str, number: int, folder: Path) -> dict[str, str]:
    if notebook == "seaborn":
        return {"rep": f"rep {number}"}
    from sdrlib.publish.brief import write_brief

    write_brief(_brief(number), folder / f"{number}.json")
    return {"brief": f"{number}.json", "language": "en", "audience": "manager"}


def _brief(number: int):  # noqa: ANN202 - a brief of the tests
    from tests.publish import example_briefs

    made = example_briefs.ALL["focused"]()
    return replace(made, person=replace(made.person, rep_id=str(number)))


def _execute(notebook: str, number: int, folder: Path, engine: str) -> None:
    from sdrlib.publish.engine import NAME, quick, register, warm

    template = REP if notebook == "kit" else SEABORN
    if engine == "warm":  # as the kit itself does
        warm.begin(template, folder)
        quick.import_nbformat()
    import papermill

    register()
    out = folder / f"{number}.ipynb"
    made = papermill.execute_notebook(
        str(template),
        str(out),
        parameters=_parameters(notebook, number, folder),
        engine_name=NAME if engine == "warm" else None,
        kernel_name="python3",
        progress_bar=False,
        cwd=str(folder),
    )
    exporter = (_kept_exporter if engine == "warm" else _exporter)(notebook)
    out.with_suffix(".html").write_text(exporter.from_notebook_node(made)[0])


def _exporter(notebook: str):  # noqa: ANN202 - imported when first needed
    from nbconvert import HTMLExporter

    from sdrlib.publish.export import CoachingExporter

    return CoachingExporter() if notebook == "kit" else HTMLExporter()


_kept_exporter = cache(_exporter)
"""As the kit keeps its own: templates are compiled once."""


def _plain(notebook: str, number: int, folder: Path) -> None:
    from sdrlib.publish.engine.quick import import_nbformat

    import_nbformat()  # what the kit saves, its floor does not pay either
    page = folder / f"{number}.html"
    if notebook == "kit":
        from tests.publish.quick_pages import page as quick

        page.write_text(quick(_brief(number), "en"))
        return
    import base64

    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    parts, space = [], {"rep": f"rep {number}"}
    space["shown"] = lambda table: parts.append(table.to_html())
    for cell in json.loads(SEABORN.read_text())["cells"][1:]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), space)  # noqa: S102 - the benchmark's own notebook
            for figure in map(plt.figure, plt.get_fignums()):
                drawn = io.BytesIO()
                figure.savefig(drawn, format="png", bbox_inches="tight")
                parts.append(f'<img src="data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}">')
            plt.close("all")
    page.write_text("".join(parts))


# ---- memory -------------------------------------------------------------------------------------------


def memory(reports: int) -> None:
    """Resident memory of this process, which works as a worker does, of its warm one, and of the largest child."""
    from sdrlib.publish.engine.managed import KEEPER
    from sdrlib.publish.fanout import Order, render_one
    from sdrlib.records import Copies

    order = Order(REP, "en", Copies(("manager",), ("html",)))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(reports):
            (made,) = render_one(_brief(number), Path(folder), order)
            if made.state != "ok" or KEEPER._kept is None:
                sys.exit(f"report {number + 1} was not made warm: {made}")
            if (number + 1) % max(1, reports // 10) in (0, 1):
                warm = _resident(KEEPER._kept.process.pid)
                worker = _resident(os.getpid())
                print(f"{number + 1:5} reports: worker {worker:4.0f} MB, warm process {warm:4.0f} MB", flush=True)
    KEEPER.close()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest child, with what it shares with the warm process: {peak:.0f} MB")


def _resident(pid: int) -> float:
    with suppress(FileNotFoundError):
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
