"""The three rules of the house, and the places that heavy libraries are confined to."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sdrlib"
GROUND = {"errors", "cache", "files", "records", "knowledge", "settings", "typography", "words", "stats"}
ROOMS = {"sources", "contract", "counts", "questions", "coaching", "publish", "sample"}
DOORS = {"pipeline", "running", "importing", "doctor", "cli", "lab", "__main__", "__init__"}
CONFINED = {
    "papermill": {"publish/notebook.py", "publish/engine/"},
    "ipykernel": {"publish/engine/"},
    "zmq": {"publish/engine/"},
    "nbconvert": {"publish/export.py"},
    "matplotlib": {"publish/plots/"},
    "seaborn": set(),
    "PIL": {"publish/plots/"},
    "loky": {"publish/workers.py"},
    "dask": {"publish/cluster.py"},
    "distributed": {"publish/cluster.py"},
    "filelock": {"publish/unattended.py"},
    "rich": {"publish/log.py"},
    "typer": {"cli/"},
    "holidays": {"counts/people.py"},
    "weasyprint": {"publish/pdf.py"},
    "xlsxwriter": {"publish/sheets.py"},
    "apprise": {"publish/notify.py"},
    "duckdb": {"sources/", "contract/", "counts/weeks.py"},
    "ibis": {"sources/", "contract/", "counts/", "records/"},
    "scipy": {"stats/"},
}
FILES = sorted(PACKAGE.rglob("*.py"))


def place(file):
    return file.relative_to(PACKAGE).as_posix()


def room(file):
    return place(file).split("/")[0].removesuffix(".py")


def imports(file):
    """Every module a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(file)} imports relatively"
            yield from (
                (f"{node.module}.{alias.name}" for alias in node.names) if node.module == "sdrlib" else (node.module,)
            )


def inner(file):
    return {name.split(".")[1] for name in imports(file) if name.startswith("sdrlib.")}


@pytest.mark.parametrize("file", FILES, ids=place)
def test_a_room_stands_on_the_ground_and_imports_no_other_room(file):
    own = room(file)
    assert own in GROUND | ROOMS | DOORS, f"{own} is neither ground, room nor door"
    if own in ROOMS:
        assert inner(file) <= GROUND | {own}
    elif own in GROUND - {"stats"}:
        assert inner(file) <= GROUND


@pytest.mark.parametrize("file", [f for f in FILES if room(f) == "stats"], ids=place)
def test_stats_has_never_heard_of_sales(file):
    assert inner(file) <= {"stats", "errors"}
    assert {name.split(".")[0] for name in imports(file)} <= {"sdrlib", "numpy", "scipy", *sys.stdlib_module_names}


@pytest.mark.parametrize("file", [f for f in FILES if room(f) in ROOMS | GROUND], ids=place)
def test_only_the_pipeline_knows_the_order(file):
    assert not inner(file) & {"pipeline", "running", "importing", "doctor", "cli"}


@pytest.mark.parametrize("file", [f for f in FILES if room(f) in {"questions", "coaching", "publish"}], ids=place)
def test_rows_end_at_counts(file):
    """After the waist nothing can ask a database: neither ibis nor duckdb is imported."""
    assert not {name.split(".")[0] for name in imports(file)} & {"ibis", "duckdb"}


@pytest.mark.parametrize("file", FILES, ids=place)
def test_each_heavy_library_lives_in_one_place(file):
    for name in imports(file):
        homes = CONFINED.get(name.split(".")[0])
        assert homes is None or any(place(file).startswith(home) for home in homes), f"{name} in {place(file)}"


@pytest.mark.parametrize("file", [f for f in FILES if room(f) not in {"sample"}], ids=place)
def test_the_truth_of_a_sample_is_never_read(file):
    if room(file) != "cli":
        assert "truth.json" not in file.read_text(encoding="utf-8")


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, sdrlib; print([m for m in ('pandas', 'numpy', 'ibis', 'pydantic', 'scipy') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_asking_for_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom sdrlib.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('pandas', 'ibis', 'papermill', 'scipy', 'matplotlib') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().endswith("[]")


@pytest.mark.parametrize("file", FILES, ids=place)
def test_functions_and_files_stay_small(file):
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.get_docstring(node, clean=False) or ""
            assert (node.end_lineno or 0) - node.lineno + 1 - said.count("\n") <= 40, node.name


def test_the_package_stays_small():
    """Lines of code; documentation does not count against anybody. Raised when other databases and Dask came."""

    def lines(file):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        return len({node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr)})

    assert sum(lines(f) for f in FILES) <= 25_000
