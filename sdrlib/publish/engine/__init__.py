"""papermill's engine ``warm``: libraries are imported once, and each notebook runs in a fork of its own.

``papermill --engine warm in.ipynb out.ipynb``, or ``papermill.execute_notebook(..., engine_name="warm")``. One idle
process per owner has imported what notebooks import; for each notebook it forks a child, in which ipykernel's own
kernel runs. papermill's own client reads the kernel's messages, over a pair of sockets in place of ZeroMQ, so that
cells come out as from a kernel of its own. Where a fork is not safe, or the notebook wants another kernel, papermill's
usual engine runs.

| page | what it knows |
|---|---|
| ``managed`` | papermill's engine and client |
| ``manager`` | what the client calls a kernel manager: one child, started and ended |
| ``warm`` | the warm process, as its owner sees it |
| ``server`` | the warm process itself: imports, then forks |
| ``kernel`` | the child: ipykernel without ZeroMQ |
| ``link`` | messages over a pair of sockets |
| ``safety`` | when and what may be warm |

papermill imports this page whenever it starts, so it imports nothing.
"""

from __future__ import annotations

from typing import Any

NAME = "warm"


class WarmEngine:
    """The engine as papermill sees it; the work is imported when first asked for."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **options: Any) -> Any:
        """Run a notebook as ``papermill.engines.Engine.execute_notebook`` does."""
        from sdrlib.publish.engine.managed import ManagedEngine

        return ManagedEngine.execute_notebook(nb, kernel_name, **options)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """The kernel that the notebook names."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """The language that the notebook names."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))


def register() -> None:
    """Make the engine known to papermill where the entry point of an installed kit does not."""
    from papermill.engines import papermill_engines

    papermill_engines.register(NAME, WarmEngine)
