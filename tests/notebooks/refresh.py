"""``python -m tests.notebooks.refresh``: run every notebook from clean and keep its outputs, normalised.

What is kept is what a reader and nbval need: sources, outputs, counts 1..n, tags. What is dropped is what differs by
machine and day: papermill's and Lab's metadata, execution times, kernel names.
"""

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

FOLDER = Path(__file__).parents[2] / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
QUIET = Config({"AsyncKernelManager": {"transport_encryption": "auto"}})


def notebooks():
    return sorted(p for p in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)


def normalise(node):
    """The same notebook, without anything of this machine or this day."""
    node.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    count = 0
    for number, cell in enumerate(node.cells):
        cell.id = f"cell-{number}"
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    return node


def refresh(path):
    node = nbformat.read(path, as_version=4)
    options = {"kernel_name": "python3", "resources": {"metadata": {"path": str(path.parent)}}, "config": QUIET}
    NotebookClient(node, timeout=300, **options).execute()
    nbformat.write(normalise(node), path)


def main():
    for path in notebooks():
        refresh(path)
        print(path.relative_to(FOLDER.parent))  # noqa: T201 - a command says what it did


if __name__ == "__main__":
    main()
