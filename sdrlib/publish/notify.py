"""What is told of a run by mail or chat, and to whom: the only page that knows Apprise.

Readers get a link, the owner the exit code, whoever keeps the data the kinds of problems. No message names a person or
tells a figure of one, none shows an address it was sent to, and none that fails costs a run.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote

from sdrlib.errors import DataUnfitError, Problem, UsageError
from sdrlib.knowledge import read
from sdrlib.words import Words

if TYPE_CHECKING:
    from sdrlib.settings import Settings

Event = Literal["success", "failure", "data"]
EVENTS: tuple[Event, ...] = ("success", "failure", "data")
INSTALL = "pip install 'sdr-coaching-kit[notify]'"

BUSY = 75
"""Exit code of a run that found another one at work: that one tells how it ended."""


class Message(NamedTuple):
    """One message: for whom, and what it says."""

    event: Event
    title: str
    body: str


def tell(
    settings: Settings,
    say: Callable[[str], None],
    *,
    index: Path | None = None,
    made: int = 0,
    failed: int = 0,
    error: BaseException | None = None,
) -> None:
    """Tell of a run that was published, or of what stopped it, whoever the settings say wants to know.

    Args:
        settings: ``notify_success``, ``notify_failure``, ``notify_data``, ``reports_url`` and the language.
        say: Takes one line for each address that a message did not reach.
        index: The run's page; None where nothing was published.
        made: Reports made.
        failed: Reports that failed.
        error: What stopped the run.
    """
    wanted = [m for m in _messages(settings, index, (made, failed), error) if addresses(settings, m.event)]
    if not wanted:
        return
    try:
        require()
    except UsageError as missing:
        say(str(missing))
        return
    for message in wanted:
        for number, address in enumerate(addresses(settings, message.event), 1):
            if not _sent(address, message):
                scheme = address.partition(":")[0]
                say(f"notify_{message.event}: message {number} ({scheme}) was not delivered. The run is not affected.")


def addresses(settings: Settings, event: Event) -> list[str]:
    """The URLs that an event is told to."""
    said: str = getattr(settings, f"notify_{event}").get_secret_value()
    return [url for url in re.split(r"[\s,]+(?=[a-z][a-z0-9+.-]*://)|[\s,]+$", said.strip()) if url]


def require() -> None:
    """Whether messages can be sent at all.

    Raises:
        UsageError: Apprise is not installed; says how to get it.
    """
    try:
        import apprise  # noqa: F401
    except ModuleNotFoundError:
        raise UsageError(f"Messages are asked for and Apprise is not installed ({INSTALL}); none was sent.") from None


def understood(address: str) -> bool:
    """Whether Apprise can read that URL; nothing is sent."""
    return bool(_opened(address))


def _opened(address: str) -> Any:
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it logs the URLs that it cannot read or reach
    asset = apprise.AppriseAsset(app_id="sdr", app_desc="SDR coaching kit", async_mode=False)
    return apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)


def _sent(address: str, message: Message) -> bool:
    """Whether the message was taken; a server that is dead or answers nonsense only says no."""
    kinds = {"success": "success", "failure": "failure", "data": "warning"}
    try:
        service = _opened(address)
        return bool(service) and bool(
            service.notify(body=message.body, title=message.title, notify_type=kinds[message.event], body_format="text")
        )
    except Exception:  # a message is never worth a run, nor its error the secret in its URL
        return False


# ---- what is said -------------------------------------------------------------------------------------


def _messages(
    settings: Settings, index: Path | None, reports: tuple[int, int], error: BaseException | None
) -> Iterator[Message]:
    words, (made, failed) = Words(settings.language), reports
    if isinstance(error, DataUnfitError):
        yield Message("data", words.say("SDR coaching: the data is not fit to count"), _unfit(error, words))
    code = getattr(error, "exit_code", 1)
    if error is not None and code != BUSY:
        yield Message("failure", words.say("SDR coaching: the run stopped"), _stopped(code, words))
    if index is not None and failed:
        title = words.say("SDR coaching: some reports failed")
        yield Message("failure", title, f"{_count(made, failed, words)}\n{link(index, settings)}")
    if index is not None and made:
        title = words.say("SDR coaching: the reports are ready")
        yield Message("success", title, f"{_ready(made, words)}\n{link(index, settings)}")


def link(index: Path, settings: Settings) -> str:
    """Where readers open a run: on the web server that shows the output folder, else where the file lies."""
    if settings.reports_url:
        return f"{settings.reports_url.rstrip('/')}/{quote(index.parent.name)}/{quote(index.name)}"
    return str(index.resolve())


def _ready(made: int, words: Words) -> str:
    return words.many(
        "{number} report is ready; the index says where to begin:",
        "{number} reports are ready; the index says where to begin:",
        made,
        number=words.count(made),
    )


def _count(made: int, failed: int, words: Words) -> str:
    return words.many(
        "{failed} report of {number} failed; the others are published. The index lists it first:",
        "{failed} reports of {number} failed; the others are published. The index lists them first:",
        failed,
        failed=words.count(failed),
        number=words.count(made + failed),
    )


def _stopped(code: int, words: Words) -> str:
    why = {
        2: words.say("wrong use or configuration"),
        65: words.say("the data is not fit to count"),
    }.get(code, words.say("an unexpected error"))
    return words.say(
        "The run stopped with exit code {code}: {why}. Nothing new was published; earlier runs stand as they were. "
        "The log of the schedule says more.",
        code=str(code),
        why=why,
    )


def _unfit(error: DataUnfitError, words: Words) -> str:
    intro = words.say("Nothing was published. What stops the run, and what was found beside it:")
    advice = words.say("“sdr check” with the same settings shows rows and examples, and what to do about each.")
    return "\n".join([intro, *(f"- {_problem(p, words)}" for p in error.problems), advice])


def _problem(problem: Problem, words: Words) -> str:
    """Code, place and rows; neither examples nor the name of a file, which may be that of a person."""
    known = read("contract")["tables"]
    place = problem.where if problem.table in known else ""
    rows = words.many("{number} row", "{number} rows", problem.rows, number=words.count(problem.rows))
    head = " ".join(part for part in (problem.code, place) if part)
    return words.say("{where}: {what}", where=head, what=rows) if problem.rows else head
