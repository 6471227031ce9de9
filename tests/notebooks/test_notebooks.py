"""Notebooks are thin, were really run, hold nothing of anybody's machine, and stay as a refresh leaves them."""

import copy
import re

import nbformat
import pytest

from tests.notebooks.refresh import FOLDER, normalise, notebooks

LONGEST_CELL = 12
LARGEST = 400_000


def name(path):
    return path.relative_to(FOLDER).as_posix()


@pytest.fixture(params=notebooks(), ids=name)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_cell_was_run_in_order_or_nothing_would_be_compared(notebook):
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))


def test_it_is_as_a_refresh_leaves_it(notebook):
    assert normalise(copy.deepcopy(notebook)) == notebook


def test_it_is_thin(notebook):
    for cell in code(notebook):
        assert len(cell.source.splitlines()) <= LONGEST_CELL
        assert not re.search(r"^\s*(def|class|async def) ", cell.source, re.M)
        assert not re.search(r"^\s*[%!]", cell.source, re.M), "a magic passes nbval even when it does not exist"
        assert not cell.source.rstrip().endswith(";"), "nbval shows what a semicolon hides in Lab"


def test_it_has_one_cell_of_parameters(notebook):
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells) == 1


def test_it_opens_with_its_question_and_closes_with_how_to_read_it(notebook):
    first, last = notebook.cells[0], notebook.cells[-1]
    assert first.cell_type == last.cell_type == "markdown"
    assert "**Question.**" in first.source
    assert "## How to read this" in last.source


def test_no_error_and_no_warning_was_committed(notebook):
    for cell in code(notebook):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr"


@pytest.mark.parametrize("path", notebooks(), ids=name)
def test_it_holds_no_path_and_stays_small(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[\"' ](/home/|/root/|/Users/|/tmp/|/work/|C:\\\\)", text)
    assert len(text.encode()) <= LARGEST


@pytest.mark.parametrize("path", notebooks(), ids=name)
def test_every_picture_has_an_alternative_text(path):
    for cell in code(nbformat.read(path, as_version=4)):
        for data in (output.get("data", {}) for output in cell.outputs):
            assert "image/png" not in data, "Lab shows a bare image without its words: use show"
            images = re.findall("<img [^>]*>", data.get("text/html", ""))
            assert all(re.search(r'alt="[^"]{40,}"', image) for image in images)
