"""A notebook run with a brief: the only page that knows papermill. What fails is kept, and told in one line."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdrlib.errors import UsageError
from sdrlib.publish.brief import whose
from sdrlib.publish.engine import NAME, register
from sdrlib.publish.staging import whole
from sdrlib.records import Engine, Rendered, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
"""Running a notebook is running code: only the kit's own are run."""

CELL_SECONDS, START_SECONDS = 300, 120
QUIET = "--IPKernelApp.log_level=50"
"""Each shutdown interrupts the kernel, which logs that as an error; what a cell raises reaches us by another way."""

LONGEST_ERROR = 300
LEFT_EARLY = "SystemExit"


def execute(template: Path, brief: Path, out: Path, parameters: Mapping[str, Any], engine: Engine = "warm") -> Rendered:
    """Run a template on a brief and keep the executed notebook.

    Args:
        template: A notebook under ``notebooks/`` with one cell tagged ``parameters``, ``brief`` among them.
        brief: The brief as JSON; the notebook finds it beside itself, by its name.
        out: Where the executed notebook goes; a failed one goes beside it, as ``….failed.ipynb``.
        parameters: The template's other parameters.
        engine: ``warm`` forks each notebook from a process that has imported its libraries, where that is safe;
            ``stock`` starts a kernel for each.

    Returns:
        State ``ok`` and the notebook, or ``failed``, the notebook that failed, and the failing cell in one line.

    Raises:
        UsageError: the template is not the kit's, or has no such parameter.
    """
    person, failed = whose(brief), out.with_name(f"{out.stem}.failed.ipynb")
    values = _checked({**parameters, "brief": brief.name}, template)
    failed.unlink(missing_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".run-", dir=out.parent) as scratch:  # swept with the run after a kill
        run = Path(scratch) / "run.ipynb"
        cell, error = _run(template, run, brief.parent, values, engine)
        if not error:
            cell, error = _left_early(run)
        kept = failed if error else out
        found = _keep(run, kept)
    state: State = "failed" if error else "ok"
    seconds = time.monotonic() - began
    return Rendered(person.rep_id, person.name, state, kept if found else None, seconds, error, cell=cell)


def begin(template: Path, folder: Path) -> None:
    """Start what ``execute`` needs for a template, to be ready when this process comes to it."""
    from sdrlib.publish.engine import warm

    with _pinned_hashes():
        warm.begin(template, folder)


def _checked(values: Mapping[str, Any], template: Path) -> dict[str, Any]:
    """Names are pasted into code, so only the template's own are allowed; values go as JSON knows them."""
    import papermill

    if not template.resolve().is_relative_to(NOTEBOOKS.resolve()) or template.suffix != ".ipynb":
        raise UsageError(f"{template.name}: only notebooks of the kit's own folder are run.")
    if not template.is_file():
        raise UsageError(f"{template.name}: there is no such notebook in the kit.")
    known = papermill.inspect_notebook(_literal(template))
    unknown = sorted(name for name in values if name not in known or not name.isidentifier())
    if unknown:
        raise UsageError(f"{template.name}: no parameter {', '.join(unknown)} (known: {', '.join(sorted(known))}).")
    plain: dict[str, Any] = json.loads(json.dumps(values, allow_nan=False))
    return plain


def _run(template: Path, run: Path, folder: Path, values: Mapping[str, Any], engine: Engine) -> tuple[int | None, str]:
    """Execute; the failing cell and the error in one line, empty when there is none."""
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    encrypted = Config({name: {"transport_encryption": "auto"} for name in ("KernelManager", "AsyncKernelManager")})
    register()
    try:
        with _pinned_hashes():
            papermill.execute_notebook(
                _literal(template),
                _literal(run),
                parameters=dict(values),
                cwd=str(folder),
                engine_name=NAME if engine == "warm" else None,
                kernel_name="python3",
                config=encrypted,
                extra_arguments=[QUIET],
                progress_bar=False,
                execution_timeout=CELL_SECONDS,
                start_timeout=START_SECONDS,
            )
    except PapermillExecutionError as error:
        return error.exec_count, _line(f"cell {error.exec_count}: {error.ename}: {error.evalue}")
    except Exception as error:  # a dead kernel, a timeout: whatever happens to one report stays with it
        return _interrupted(run, error)
    return None, ""


def _interrupted(run: Path, error: Exception) -> tuple[int | None, str]:
    """What ended the kernel, or outlasted it, is the last cell that was begun."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    said = f"{type(error).__name__}: {error}"
    if isinstance(error, DeadKernelError):
        said = "DeadKernelError: its kernel died, as when memory runs out"
    elif isinstance(error, CellTimeoutError):
        said = f"CellTimeoutError: it took longer than {CELL_SECONDS} seconds"
    begun = [i for i, c in enumerate(_code(run), 1) if c.metadata.papermill["start_time"]] if _whole(run) else []
    cell = begun[-1] if begun else None
    return cell, _line(f"cell {cell}: {said}" if cell else said)


def _left_early(run: Path) -> tuple[int | None, str]:
    """``SystemExit`` ends a notebook without an error of papermill's: half a page must not pass for a whole one."""
    for number, cell in enumerate(_code(run), 1):
        if any(o.output_type == "error" and o.ename == LEFT_EARLY for o in cell.outputs):
            return number, f"cell {number}: {LEFT_EARLY}"
    unrun = next((i for i, cell in enumerate(_code(run), 1) if not cell.execution_count), None)
    return unrun, f"cell {unrun} was not run" if unrun else ""


def _whole(run: Path) -> bool:
    """Whether papermill could write it: on a full disk it is torn, and not the cause that is to be told."""
    try:
        _read(run)
    except (OSError, ValueError):
        return False
    return True


def _code(run: Path) -> list[Any]:
    """Cells that are executed, in the order of their numbers."""
    return [cell for cell in _read(run).cells if cell.cell_type == "code" and cell.source.strip()]


def _keep(run: Path, kept: Path) -> bool:
    """The executed notebook without papermill's metadata, which holds absolute paths and times."""
    if not _whole(run):
        return False
    notebook = _read(run)
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # papermill draws one for the cell that it adds
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
    _write(notebook, kept)
    return True


def _write(notebook: NotebookNode, path: Path) -> None:
    import nbformat

    with whole(path) as partial:
        nbformat.write(notebook, partial)  # type: ignore[no-untyped-call]


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


@contextmanager
def _pinned_hashes() -> Iterator[None]:
    """Kernels with one hash seed: a set that is shown reads the same in every run."""
    before = os.environ.get("PYTHONHASHSEED")
    os.environ["PYTHONHASHSEED"] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONHASHSEED"]
        else:
            os.environ["PYTHONHASHSEED"] = before


def _literal(path: Path) -> str:
    """papermill fills braces in paths with parameters; ours are meant as they are."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_ERROR else line[: LONGEST_ERROR - 1] + "…"
