"""A notebook of whatever a kernel can be asked to do, and how two runs of it are compared.

``python -m tests.publish.engine.torture`` runs it twice by papermill's usual engine and twice warm, and prints what the
two usual runs differ in (which is what ``same`` sets aside) and what the warm ones differ in.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

import nbformat
import papermill
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from sdrlib.publish.engine import register

KERNELSPEC = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}

CELLS = {
    "parameters": "team = 'north'\ncount = 1",
    "printed": "print(team, count)\nprint('a', end='')\nprint('b')",
    "result": "{'b': [1, 2], 'a': {3}}",
    "silenced": "1 + 1;",
    "magics": "%precision 3\n3.14159265",
    "who": "%who_ls",
    "capture": "%%capture kept\nprint('inside')\n42",
    "captured": "kept.stdout",
    "bash": "%%bash\necho out; echo err >&2; exit 0",
    "shell": "!echo from the shell; printf 'no newline'",
    "assigned": "lines = !printf 'one\\ntwo\\n'\nlines",
    "subprocess": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(\"child\")'])",
    "system": "import os\nos.system('echo by system')",
    "descriptor": "os.write(1, b'to descriptor 1\\n')\nos.write(2, b'to descriptor 2\\n');",
    "libc": "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.puts(b'from C')\nlibc.fflush(None)",
    "both streams": "print('first')\nprint('second', file=sys.stderr)\nprint('third')",
    "flushed": "for i in range(3):\n    print(i, flush=True)\n    print('e', i, file=sys.stderr, flush=True)",
    "carriage": "print('10 %\\r20 %\\r30 %')",
    "large": "print('x' * 3_000_000)",
    "unicode": "print('Zoé \\u202f% 🙂 \\x1b[31mred\\x1b[0m')",
    "warning": "import warnings\nwarnings.warn('take care')\nwarnings.warn('old', DeprecationWarning)",
    "logging": "import logging\nlogging.warning('root warns')\nlogging.getLogger('kit').error('kit errs')",
    "frame": "import pandas as pd\nframe = pd.DataFrame({'x': [1, 2], 'y': ['a', None]})\nframe",
    "styled": "frame.style.set_uuid('t').format(precision=1)",
    "rich": "from IPython.display import HTML, JSON, Latex, Markdown, SVG, Javascript, display\n"
    "display(HTML('<b>b</b>'), Markdown('*m*'), Latex('$x$'), JSON({'a': 1}), SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))\n"
    "display(Javascript('1'), metadata={'text/plain': {'a': 1}})",
    "bundle": "class Both:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'text/plain': 'p', 'text/html': '<i>h</i>'}, {'text/html': {'isolated': True}}\nBoth()",
    "broken repr": "class Broken:\n    def __repr__(self): return 'plain'\n    def _repr_html_(self): raise ValueError('no html')\nBroken()",
    "handle": "handle = display('before', display_id='kept')\nprint('between')",
    "updated": "handle.update('after')\ndisplay('other', display_id='two')",
    "cleared": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
    "cleared late": "print('gone too')\nclear_output(wait=True)\nprint('instead')",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);",
    "two figures": "for k in (1, 2):\n    plt.figure(figsize=(2, 1))\n    plt.plot([k, 2])\nprint('before the figures')",
    "shown": "fig, ax = plt.subplots(figsize=(2, 1))\nplt.show()\nprint('after show')\nfig",
    "retina": "%config InlineBackend.figure_formats = ['svg', 'png']\nimport matplotlib\nmatplotlib.rcParams['svg.hashsalt'] = 's'\n"
    "plt.figure(figsize=(1, 1)); plt.plot([1, 2]); plt.gcf().savefig",
    "formats": "%matplotlib inline\n%config InlineBackend.figure_formats = ['png']\nplt.rcParams['figure.dpi'], plt.rcParams['backend']",
    "changed": "plt.rcParams['font.size'] = 31\npd.DataFrame.__repr__ = lambda self: 'patched'\npd.DataFrame._repr_html_ = lambda self: '<p>patched</p>'\nframe",
    "seaborn": "import seaborn as sns\nsns.set_theme()\nax = sns.barplot(x=['a', 'b'], y=[1, 2], errorbar=None)",
    "widget": "import ipywidgets\nslider = ipywidgets.IntSlider(value=3)\nslider",
    "widget output": "out = ipywidgets.Output()\nwith out:\n    print('into the widget')\n    display('shown in it')\ndisplay(out)",
    "awaited": "import asyncio\nawait asyncio.sleep(0.01)\nawait asyncio.gather(*[asyncio.sleep(0, i) for i in range(3)])",
    "background": "async def later():\n    await asyncio.sleep(0.05)\n    return 'done'\ntask = asyncio.ensure_future(later())",
    "of the background": "await task",
    "threaded": "import threading\nt = threading.Thread(target=print, args=('from a thread',))\nt.start(); t.join()",
    "processes": "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1, -2]))",
    "set": "{'north', 'south', 'east'}",
    "histories": "_, __, Out[3], In[2]",
    "help": "len?",
    "time": "%%timeit -n1 -r1 -q\npass",
    "run": "%run -i told.py",
    "main": "__name__, sys.argv[0].rsplit('/')[-1], sys.path[0], sys.stdin.read()",
    "where": "import os\nos.path.basename(os.getcwd()), os.environ['MPLBACKEND'], os.environ['PYTHONHASHSEED'], sys.stdout.isatty()",
    "loaded": "get_ipython().__class__.__name__, 'IPKernelApp' in get_ipython().config, sorted(get_ipython().config)",
    "autocall": "%load_ext autoreload\n%autoreload 2",
    "input": "input('who? ')",
    "getpass": "import getpass\ngetpass.getpass()",
    "division": "def divide(a, b):\n    return a / b\n\ndivide(1, 0)",
    "syntax": "for for",
    "name": "no_such_name",
    "no magic": "%no_such_magic",
    "chained": "try:\n    divide(1, 0)\nexcept ZeroDivisionError as error:\n    raise ValueError('from another') from error",
    "group": "raise ExceptionGroup('several', [ValueError('one'), KeyError('two')])",
    "async error": "await asyncio.wait_for(asyncio.sleep(1), 0.01)",
    "interrupted": "raise KeyboardInterrupt",
    "interrupts itself": "import signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(1)",
    "assertion": "assert frame.empty, 'has rows'",
    "last": "print('still here')",
}  # fmt: skip

RAISING = {
    "broken repr",
    "input", "getpass", "division", "syntax", "name", "no magic", "chained", "group", "async error", "interrupted",
    "interrupts itself", "assertion",
}  # fmt: skip
"""Tagged ``raises-exception``: nbclient goes on; papermill reports the first at the end."""

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
    """The whole notebook, a Markdown cell between."""
    tags = {"parameters": ["parameters"], **dict.fromkeys(RAISING, ["raises-exception"])}
    cells = [new_code_cell(source, metadata={"tags": tags.get(name, [])}) for name, source in CELLS.items()]
    return notebook(*cells[:4], new_markdown_cell("*between*"), *cells[4:])


def notebook(*cells: nbformat.NotebookNode | str) -> nbformat.NotebookNode:
    """A notebook of such cells, with ids that stay."""
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    return new_notebook(cells=made, metadata={"kernelspec": KERNELSPEC})


def run(made: nbformat.NotebookNode, folder: Path, engine: str | None, **options) -> tuple[nbformat.NotebookNode, str]:
    """The notebook as it was written, and what papermill raised, in one line."""
    register()
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
    """A stream's pieces that follow one another as one: where they are cut depends on the moment they are sent."""
    kept: list[dict] = []
    for output in outputs:
        if kept and output["output_type"] == "stream" == kept[-1]["output_type"] and output["name"] == kept[-1]["name"]:
            kept[-1]["text"] = "".join(kept[-1]["text"]) + "".join(output["text"])
        else:
            kept.append(output)
    for output in kept:
        if output["output_type"] == "stream":
            output["text"] = "".join(output["text"])
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


def main() -> None:
    """Compare, and print."""
    runs = []
    for engine in (None, None, "warm", "warm"):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "run").mkdir()
            runs.append(run(torture(), Path(folder) / "run", engine, execution_timeout=30))
    for name, (a, b) in {"usual, usual": runs[:2], "usual, warm": runs[::2], "warm, warm": runs[2:]}.items():
        found = differences(a[0], b[0])
        print(f"== {name}: {len(found)} differences, {a[1] == b[1] or (a[1], b[1])}")
        print("\n".join(found))


if __name__ == "__main__":
    sys.exit(main())
