"""JupyterLab as the kit opens it: on its notebooks, heard on this machine alone, fetching no news."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from sdrlib.pipeline import NOTEBOOKS

OPTIONS = {
    "--notebook-dir": str(NOTEBOOKS),
    "--ip": "127.0.0.1",
    "--KernelManager.transport_encryption": "auto",  # off by default, and each kernel then warns of it
    "--ServerApp.tornado_settings": "{'ws_ping_interval': 0}",  # tornado warns of the default; one machine needs none
    "--LabApp.news_url": "None",
    "--LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
}


def open_lab(further: Sequence[str] = ()) -> int:
    """Run JupyterLab until it is stopped.

    Args:
        further: Options of Jupyter's, as ``--port=9000``; they win over ours.

    Returns:
        Its exit code.
    """
    named = {option.partition("=")[0] for option in further}
    ours = [f"{name}={value}" for name, value in OPTIONS.items() if name not in named]
    command = [sys.executable, "-m", "jupyterlab", *ours, *further]
    return subprocess.call(command)  # noqa: S603 - our own interpreter; the options are the caller's
