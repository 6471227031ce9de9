"""The machine that it all runs on."""

from __future__ import annotations

import sys


def lab() -> None:
    """Open JupyterLab on the notebooks."""
    import subprocess

    from sdrlib.pipeline import NOTEBOOKS

    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={NOTEBOOKS}", "--ip=127.0.0.1"]
    raise SystemExit(subprocess.call(command))  # noqa: S603 - our own interpreter and folder
