"""Whether what was installed is whole: Python, packages, kernel, fonts, PDF."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from typing import Any

from sdrlib.doctor.asking import Answer, Asked, line
from sdrlib.errors import UsageError

KIT = "sdr-coaching-kit"


def python(_: Asked) -> Answer:
    """Whether this Python is new enough."""
    from importlib.metadata import PackageNotFoundError, metadata

    from packaging.specifiers import SpecifierSet

    version = ".".join(map(str, sys.version_info[:3]))
    try:
        asked = metadata(KIT)["Requires-Python"] or ""
    except PackageNotFoundError:
        asked = ""
    return Answer("fits" if version in SpecifierSet(asked) else "old", {"version": version, "asked": asked})


def packages(_: Asked) -> Answer:
    """Whether every package is there in a version that fits."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(line) for line in requires(KIT) or ()]
    except PackageNotFoundError:
        return Answer("uninstalled")
    own = [r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})]
    unfit = [told for r in own if (told := _unfit(r.name, r.specifier))]
    return Answer("unfit", {"packages": ", ".join(unfit)}) if unfit else Answer("fit", {"number": str(len(own))})


def _unfit(name: str, bounds: Any) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version(name)
    except PackageNotFoundError:
        return f"{name}{bounds}"
    return "" if bounds.contains(found, prereleases=True) else f"{name} {found} ({bounds})"


def kernel(_: Asked) -> Answer:
    """A whole start, as a report makes it: a kernel may stand in the list and belong to a Python that is gone."""
    import nbformat
    from nbclient import NotebookClient
    from traitlets.config import Config

    from sdrlib.publish.notebook import QUIET

    encrypted = Config({"AsyncKernelManager": {"transport_encryption": "auto"}})
    cell = nbformat.v4.new_code_cell("import sdrlib")  # type: ignore[no-untyped-call]
    book = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    try:
        with tempfile.TemporaryDirectory() as folder:
            NotebookClient(
                book,
                kernel_name="python3",
                timeout=60,
                startup_timeout=60,
                resources={"metadata": {"path": folder}},
                config=encrypted,
                extra_arguments=[QUIET],
            ).execute()
    except Exception as error:  # whatever keeps a kernel from starting is the answer
        return Answer("broken", {"error": line(error)[-200:], "python": sys.executable})
    return Answer("runs")


def fonts(_: Asked) -> Answer:
    """Whether pictures have letters, and PDFs."""
    from sdrlib.publish.plots import FONT, font_file

    try:
        font_file()
    except ValueError as error:
        return Answer("missing", {"error": line(error)})
    lister = shutil.which("fc-list")
    if lister and not subprocess.run([lister], capture_output=True, check=False, timeout=60).stdout.strip():  # noqa: S603
        return Answer("none")
    return Answer("there", {"font": FONT})


def pdf(asked: Asked) -> Answer:
    """Whether PDFs can be made, and are asked for."""
    from sdrlib.publish import pdf

    try:
        pdf.require()
    except UsageError as error:
        return Answer("needed" if "pdf" in asked.settings.format else "absent", {"error": str(error)})
    return Answer("works")
