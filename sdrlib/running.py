"""The corridor's last stretch: an analysis becomes pages, published whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sdrlib.pipeline import NOTEBOOKS, Analysis, analyse, brief_team, sales, versions
from sdrlib.records import Copies, Rendered

if TYPE_CHECKING:
    from sdrlib.publish.fanout import Ordered
    from sdrlib.publish.log import Log
    from sdrlib.publish.runs import Making
    from sdrlib.settings import Settings

ANALYSIS = "analysis-"
REP_REPORT, TEAM_REPORT = (NOTEBOOKS / "reports" / f"{name}.ipynb" for name in ("rep", "team"))


@dataclass(frozen=True)
class Run:
    """A published run: where its index is, what became of each report, and whether it stood there already."""

    index: Path
    rendered: tuple[Rendered, ...]
    reused: bool


def run_report(settings: Settings, out: Path, *, log: Log) -> Run:
    """Analyse, render one report per rep and one of the team, and publish the run whole under ``out``.

    A report that fails is marked in the index and never stops the others. A run that stands there already, made
    from the same data, settings and code, is not made again; copies, formats and files that it lacks are added. What
    a killed run finished is gone on with. The team's report is the manager's, and is left out of runs of some reps or
    of the reps' copies alone.

    Raises:
        LockedError: another run is at work in ``out``.
        UnfinishedError: the disk, the memory or a fault of the kit; nothing was published.
    """
    from sdrlib.publish import history, pdf, runs, unchanged

    if "pdf" in settings.format:
        pdf.require()
    with _begun(settings, out, log) as making:
        past = history.read(out, log.say)
        made_from = _made_from(settings)
        if same := unchanged.find(out, made_from, settings.copies, past):
            log.event("finished", folder=same.name, exit_code=0, failed=[], reused=True)
            return Run(same / runs.INDEX, (), reused=True)
        now = datetime.now(UTC)
        analysis = analyse(settings, now=now, past=past)
        making = replace(making, made_from=made_from if _settled(analysis, made_from, now) else "")
        final = out / runs.folder_name(analysis.evidence, settings.language, REP_REPORT, TEAM_REPORT)
        log.event("analysed", folder=final.name, fingerprint=analysis.evidence.facts.fingerprint)
        rendered: list[Rendered] | None = None
        if not runs.finished(final, settings.copies):
            rendered = _published(analysis, final, making, log)
        history.keep(past, final.name, analysis.evidence, out, log.say)
        failed = sorted({r.rep_id for r in rendered or () if r.state == "failed"})
        log.event("finished", folder=final.name, exit_code=int(bool(failed)), failed=failed, reused=rendered is None)
        return Run(final / runs.INDEX, tuple(rendered or ()), reused=rendered is None)


def run_analysis(settings: Settings, out: Path, *, log: Log) -> Path:
    """Everything but the pages: evidence and briefs, published whole. Returns the path of ``evidence.json``.

    Raises:
        LockedError: another run is at work in ``out``.
        UnfinishedError: the disk, the memory or a fault of the kit; nothing was published.
    """
    from sdrlib.publish import history, runs, unchanged

    with _begun(settings, out, log) as making:
        past = history.read(out, log.say)
        made_from, nothing = _made_from(settings), Copies((), ())
        if same := unchanged.find(out, made_from, nothing, past, prefix=ANALYSIS):
            log.event("finished", folder=same.name, exit_code=0, failed=[], reused=True)
            return same / runs.EVIDENCE
        now = datetime.now(UTC)
        analysis = analyse(settings, now=now, past=past)
        making = replace(making, made_from=made_from if _settled(analysis, made_from, now) else "")
        name = runs.folder_name(analysis.evidence, settings.language, REP_REPORT, TEAM_REPORT)
        final = out / f"{ANALYSIS}{name}"
        if not (reused := runs.finished(final, nothing)):
            _analysed(analysis, final, making)
        history.keep(past, final.name, analysis.evidence, out, log.say)
        log.event("finished", folder=final.name, exit_code=0, failed=[], reused=reused)
        return final / runs.EVIDENCE


def _made_from(settings: Settings) -> str:
    """Digest of everything that decides a run, found without reading a row; empty where that cannot be."""
    from sdrlib.publish.runs import made_with
    from sdrlib.publish.unchanged import digest_of
    from sdrlib.sources.unread import digest

    makers = made_with(REP_REPORT, TEAM_REPORT) | versions()
    return digest_of(digest(settings.data, settings.crm), settings, makers)


def _settled(analysis: Analysis, made_from: str, now: datetime) -> bool:
    """Whether the same inputs will say the same tomorrow: no row and no as-of lay ahead, and no file was changing."""
    ahead = any(problem.code == "future" for problem in analysis.checked.warnings)
    return not ahead and analysis.counts.window.as_of < now and _made_from(analysis.settings) == made_from


@contextmanager
def _begun(settings: Settings, out: Path, log: Log) -> Iterator[Making]:
    """Alone in ``out``, ready to be stopped; what a kill left is put back, and removed when it grows old."""
    from sdrlib.publish.runs import Making
    from sdrlib.publish.staging import heal_all, sweep
    from sdrlib.publish.unattended import accounted, held, stoppable

    making = Making.begin(settings.origins)
    with stoppable(), accounted(out), held(out, making.run):
        log.event("started", run=making.run)
        heal_all(out)
        try:
            yield making
        except SystemExit as stopped:
            log.event("stopped", exit_code=stopped.code, kind="signal")
            raise
        finally:
            sweep(out)


def _published(analysis: Analysis, final: Path, making: Making, log: Log) -> list[Rendered]:
    from sdrlib.publish import ledger, runs
    from sdrlib.publish.earlier import earlier
    from sdrlib.publish.index import write_index
    from sdrlib.publish.staging import staged

    copies = analysis.settings.copies | runs.made_in(final)
    orders, makers = _orders(analysis, copies), runs.made_with(REP_REPORT, TEAM_REPORT)
    with staged(final, runs.MANIFEST, resumed=True) as work:
        ledger.resume(work, final)
        ledger.take_over(orders, makers, work, final)
        rendered = _render(orders, analysis.settings, work, log)
        runs.write_evidence(analysis.evidence, work / runs.EVIDENCE, analysis.effects, analysis.settings.language)
        write_index(
            analysis.evidence,
            analysis.advice,
            rendered,
            work,
            language=analysis.settings.language,
            quality=analysis.quality,
            earlier=earlier(final),
        )
        runs.write_manifest(analysis.evidence, rendered, work, making, copies, makers)
        ledger.tidy(work)
    return rendered


def _orders(analysis: Analysis, copies: Copies) -> list[Ordered]:
    """The reps' reports and the team's, which is the manager's."""
    from sdrlib.publish.fanout import Order

    settings = analysis.settings
    orders: list[Ordered] = [
        (brief, Order(REP_REPORT, settings.language, copies, settings.engine)) for brief in analysis.briefs.values()
    ]
    if not settings.rep and "manager" in copies.audiences:
        managers = Copies(("manager",), copies.formats)
        orders.append((brief_team(analysis), Order(TEAM_REPORT, settings.language, managers, settings.engine)))
    return orders


def _render(orders: Sequence[Ordered], settings: Settings, work: Path, log: Log) -> list[Rendered]:
    """Each report is noted as it is finished, for a run that goes on after a kill."""
    from sdrlib.publish import ledger
    from sdrlib.publish.fanout import produce

    with log.counting(len(orders)) as told:

        def finished(made: Sequence[Rendered]) -> None:
            ledger.note(made, work)
            told(made)

        return produce(orders, work, jobs=settings.jobs, told=finished, scheduler=settings.scheduler)


def _analysed(analysis: Analysis, final: Path, making: Making) -> None:
    from sdrlib.publish import runs
    from sdrlib.publish.brief import write_brief
    from sdrlib.publish.names import file_stem
    from sdrlib.publish.staging import staged

    team = () if analysis.settings.rep else (brief_team(analysis),)
    with staged(final, runs.MANIFEST) as work:
        runs.write_evidence(analysis.evidence, work / runs.EVIDENCE, analysis.effects, analysis.settings.language)
        (work / runs.BRIEFS).mkdir()
        for brief in (*analysis.briefs.values(), *team):
            write_brief(brief, work / runs.BRIEFS / f"{file_stem(brief.person)}.json")
        runs.write_manifest(analysis.evidence, [], work, making)


def run_forecast(settings: Settings, out: Path | None) -> list[str]:
    """What is to come, as lines for a terminal; and as CSV and JSON where ``out`` names a folder, told at the end."""
    from sdrlib.publish import outlooks
    from sdrlib.words import Words

    analysis = analyse(settings)
    people = analysis.counts.reps
    names = dict(zip(people["rep_id"], people["name"], strict=True))
    orders, words = sales(analysis).orders, Words(settings.language)
    told = [*outlooks.lines(analysis.forecast, names, words), *outlooks.order_lines(orders, words)]
    return told + ([str(path) for path in outlooks.write(analysis.forecast, orders, out)] if out else [])
