"""papermill's engine and client, with a forked child in place of a kernel's process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from sdrlib.publish.engine import safety
from sdrlib.publish.engine.manager import ChildManager
from sdrlib.publish.engine.warm import KEEPER, NotWarmError

SAVED_EVERY = 2.0


class ChildClientOfPapermill(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client, its kernel a forked child."""

    def create_kernel_manager(self) -> ChildManager:
        """The child, not yet forked."""
        folder = Path(self.resources.get("metadata", {}).get("path") or ".")
        sources = [cell.source for cell in self.nb.cells if cell.cell_type == "code"]
        self.km = ChildManager(KEEPER, safety.imports(sources, folder))
        return self.km


class ManagedEngine(Engine):  # type: ignore[misc]
    """Warm where that is safe, papermill's usual engine elsewhere."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook that papermill manages.

        Args:
            nb_man: papermill's account of the run, told when a cell begins, fails and ends.
            kernel_name: The notebook's kernel; only this very Python can be warm.
            options: As for papermill's own engine.

        Raises:
            DeadKernelError, CellTimeoutError: as from papermill's own engine.
        """
        reason = safety.unsupported() or safety.foreign(kernel_name)
        if not reason:
            try:
                with _saved_seldom(nb_man):
                    return _client(nb_man, kernel_name, **options).execute()
            except NotWarmError as error:
                reason = str(error)
        logger.warning(f"A kernel of its own runs this notebook: {reason}.")
        return NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)


def _client(
    nb_man: Any,
    kernel_name: str,
    *,
    start_timeout: int = 60,
    execution_timeout: int | None = None,
    **options: Any,
) -> ChildClientOfPapermill:
    """As papermill makes its own."""
    plain = remove_args(["input_path", "timeout", "startup_timeout"], **options)
    return ChildClientOfPapermill(
        nb_man,
        **merge_kwargs(
            plain,
            timeout=execution_timeout or options.get("timeout"),
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
        ),
    )


@contextmanager
def _saved_seldom(nb_man: Any) -> Iterator[None]:
    """papermill writes the notebook twice a cell, which costs more than most cells; every other second is enough.

    At the start, at the end and after a failure it writes as ever.
    """
    save, last = nb_man.save, time.monotonic()

    def seldom(**given: Any) -> None:
        nonlocal last
        if time.monotonic() - last >= SAVED_EVERY:
            save(**given)
            last = time.monotonic()

    nb_man.save = seldom
    try:
        yield
    finally:
        del nb_man.save
