"""When a notebook may run in a fork, and which libraries may be imported before it."""

from __future__ import annotations

import ast
import os
import sys
import threading
from collections.abc import Container, Iterable
from pathlib import Path

QUIET = (
    "sdrlib", "numpy", "pandas", "scipy", "matplotlib", "seaborn", "pyarrow", "PIL", "IPython", "babel", "pydantic",
    "dateutil",
)  # fmt: skip
"""Imported early when a notebook imports them: they print nothing, start nothing that a fork would lose, and ask no
notebook where they are. Others are imported by the notebook itself, as ever."""

ALONG = {"sdrlib": ("sdrlib.publish.ready",), "matplotlib": ("matplotlib.backends.backend_agg",)}
"""What takes long and is imported when first used; the rest is learnt from the first notebook."""

FORK_PROOF = {"jemalloc_bg_thd"}
"""Threads that begin anew in a fork by themselves, as those of the mathematics libraries, which end before it."""

LAUNCHED = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


def unsupported() -> str:
    """Why this machine cannot fork safely; empty where it can.

    Windows has no fork. On macOS system libraries forbid it (Python itself stopped forking there), so both use a
    kernel per notebook.
    """
    return "" if sys.platform == "linux" else f"a fork is not safe on {sys.platform}"


def foreign(kernel_name: str) -> str:
    """Why that kernel is not this very Python; empty where it is."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel:
        return f"there is no kernel {kernel_name}"
    program, *rest = [word for word in spec.argv if word != "-Xfrozen_modules=off"]
    here = program in {"python", "python3", Path(sys.executable).name} or _same(program, sys.executable)
    if not here or rest != LAUNCHED or spec.env:
        return f"the kernel {kernel_name} is another program"
    return ""


def _same(one: str, other: str) -> bool:
    return Path(one).absolute() == Path(other).absolute()


def threads() -> str:
    """Why this process may not fork: threads that a fork would lose, once those that know of forks have ended."""
    if threading.active_count() > 1:
        return "threads are running: " + ", ".join(sorted(t.name for t in threading.enumerate()))
    others = [name for name in _native() if name not in FORK_PROOF]
    return f"threads are running: {', '.join(others)}" if others else ""


def _native() -> list[str]:
    """Names of the threads of this process that Python may not know, but the first."""
    tasks = Path("/proc/self/task")
    return [(t / "comm").read_text().strip() for t in tasks.iterdir() if t.name != str(os.getpid())]


def imports(sources: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Modules that a notebook's cells import at their top level and that may be imported before the fork."""
    found = dict.fromkeys(name for source in sources for name in _imported(source))
    local = "matplotlib" if _is_styled(folder) else ""
    wanted = [name for name in found if (top := name.split(".")[0]) in QUIET and top != local]
    if local:
        wanted = [name for name in wanted if not name.startswith(("seaborn", "sdrlib"))]
    along = [late for name in wanted for late in ALONG.get(name.split(".")[0], ())]
    return tuple(dict.fromkeys((*along, *wanted)))


def _is_styled(folder: Path) -> bool:
    """Whether matplotlib, when it is imported, reads a file of settings that only a notebook there would find."""
    named = os.environ.get("MATPLOTLIBRC", "")
    return (folder / "matplotlibrc").exists() or bool(named and not Path(named).is_absolute())


def learnt(before: Container[str]) -> list[str]:
    """Modules imported since, of those that may be imported before a fork."""
    return [name for name in list(sys.modules) if name not in before and name.split(".")[0] in QUIET]


def _imported(source: str) -> Iterable[str]:
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic, or another language
        return
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
