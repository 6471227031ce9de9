"""A notebook of whatever a kernel can be asked to do, and how two runs of it are compared.

``python -m tests.publish.engine.torture`` runs it twice by papermill's usual engine and twice warm, and prints what the
two usual runs differ in (which is what ``same`` sets aside) and what the warm ones differ in.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

import nbformat
import papermill
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from sdrlib.publish.engine import register

KERNELSPEC = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}

CELLS = Path(__file__).with_name("torture.txt")
"""Each cell under a line with its name and tag. ``raises-exception``: nbclient goes on, papermill tells of one."""

ENDINGS = {
    "an error": "print('before')\n1 / 0",
    "SystemExit": "raise SystemExit",
    "SystemExit with a code": "import sys\nsys.exit(3)",
    "quit": "exit()",
    "os._exit": "print('before', flush=True)\nimport os\nos._exit(7)",
    "a segfault": "import ctypes\nctypes.string_at(0)",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "a time-out": "import time\ntime.sleep(60)",
}
"""Last cells of notebooks of their own."""


def torture() -> nbformat.NotebookNode:
    """The whole notebook, a Markdown cell first."""
    found = re.findall(
        r"^# %% ([^\[\n]+?)(?: \[([^\]\n]+)\])?\n(.*?)\n*(?=^# %% |\Z)", CELLS.read_text("utf-8"), re.M | re.S
    )
    cells = [new_code_cell(source, metadata={"tags": [tag] if tag else []}) for _, tag, source in found]
    return notebook(new_markdown_cell("*Torture*"), *cells)


def notebook(*cells: nbformat.NotebookNode | str) -> nbformat.NotebookNode:
    """A notebook of such cells, with ids that stay."""
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    return new_notebook(cells=made, metadata={"kernelspec": KERNELSPEC})


def run(made: nbformat.NotebookNode, folder: Path, engine: str | None, **options) -> tuple[nbformat.NotebookNode, str]:
    """The notebook as it was written, and what papermill raised, in one line."""
    register()
    pytest_s = os.environ.pop("PYTEST_CURRENT_TEST", None)  # kernels that see it leave file descriptors alone
    (folder / "told.py").write_text("print('told', team)\n")
    nbformat.write(made, folder / "in.ipynb")
    raised = ""
    try:
        papermill.execute_notebook(
            str(folder / "in.ipynb"), str(folder / "out.ipynb"), engine_name=engine, cwd=str(folder),
            kernel_name="python3", progress_bar=False, **options,
        )  # fmt: skip
    except Exception as error:
        raised = f"{type(error).__name__}: {str(error).splitlines()[-1] if str(error) else ''}"
    if pytest_s:
        os.environ["PYTEST_CURRENT_TEST"] = pytest_s
    return nbformat.read(folder / "out.ipynb", as_version=4), raised


VARYING = (
    (r"0x[0-9a-f]{6,}", "0xADDRESS"),
    (r"ipykernel_\d+/\d+\.py", "ipykernel_PID/HASH.py"),
    (r"[0-9a-f]{32}", "UUID"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
    (r"<dc:date>[^<]*", "<dc:date>"),
)
"""What two usual runs differ in: addresses, process ids, ids of widgets, the time within an SVG."""

TIMES = ("papermill", "execution")


def same(made: nbformat.NotebookNode) -> dict:
    """A notebook without what two usual runs differ in."""
    plain = json.loads(nbformat.writes(made))
    plain["metadata"].pop("papermill", None)
    for cell in plain["cells"]:
        for key in TIMES:
            cell["metadata"].pop(key, None)
        if cell.get("outputs"):
            cell["outputs"] = joined(cell["outputs"])
        if "papermill-error-cell-tag" in cell["metadata"].get("tags", []):
            cell["id"] = "papermill"
    for widgets in plain["metadata"].get("widgets", {}).values():
        widgets["state"] = sorted(told(model) for model in widgets["state"].values())
    return json.loads(told(plain))


def told(value: object) -> str:
    """As JSON, without what varies."""
    text = json.dumps(value, sort_keys=True)
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return text


def joined(outputs: list[dict]) -> list[dict]:
    """Pieces of the two streams that follow one another as one of each, the output first.

    Where a stream is cut, and whether the other comes between, depends on the moment at which they are sent.
    """
    kept: list[dict] = []
    for streams, group in groupby(outputs, key=lambda output: output["output_type"] == "stream"):
        if not streams:
            kept += group
            continue
        texts: dict[str, str] = {}
        for output in group:
            texts[output["name"]] = texts.get(output["name"], "") + "".join(output["text"])
        kept += [{"output_type": "stream", "name": n, "text": t} for n, t in sorted(texts.items(), reverse=True)]
    return kept


def differences(one: nbformat.NotebookNode, other: nbformat.NotebookNode) -> list[str]:
    """In which cells two runs differ, and how; empty when they are the same."""
    a, b = same(one), same(other)
    told = [f"metadata: {a['metadata']} | {b['metadata']}"] if a["metadata"] != b["metadata"] else []
    if len(a["cells"]) != len(b["cells"]):
        told.append(f"{len(a['cells'])} cells | {len(b['cells'])} cells")
    for one_cell, other_cell in zip(a["cells"], b["cells"], strict=False):
        if one_cell != other_cell:
            told.append(f"{''.join(one_cell['source'])[:60]!r}:\n  {short(one_cell)}\n  {short(other_cell)}")
    return told


def short(cell: dict) -> str:
    text = json.dumps({k: v for k, v in cell.items() if k != "source"}, sort_keys=True)
    return text if len(text) < 1500 else f"{text[:1500]}… ({len(text)} characters)"


def endings(engine: str | None, folder: Path) -> dict[str, tuple[nbformat.NotebookNode, str]]:
    """A short notebook for each way in which a cell can end everything."""
    return {
        name: run(notebook("first = 1", source, "print('after')"), folder, engine, execution_timeout=3)
        for name, source in ENDINGS.items()
    }


def main() -> None:
    """Compare, and tell."""
    runs = []
    for engine in (None, None, "warm", "warm"):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "run").mkdir()
            runs.append(run(torture(), Path(folder) / "run", engine, execution_timeout=30))
    for name, (a, b) in {"usual, usual": runs[:2], "usual, warm": runs[::2], "warm, warm": runs[2:]}.items():
        found = differences(a[0], b[0])
        sys.stdout.write(f"== {name}: {len(found)} differences; raised {a[1]} | {b[1]}\n" + "\n".join(found))
    with tempfile.TemporaryDirectory() as folder:
        usual, warm = endings(None, Path(folder)), endings("warm", Path(folder))
    for name, (made, raised) in usual.items():
        found = differences(made, warm[name][0])
        sys.stdout.write(f"== {name}: {raised} | {warm[name][1]}; {len(found)} differences\n" + "\n".join(found))


if __name__ == "__main__":
    main()
