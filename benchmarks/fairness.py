"""Does the comparison accuse the innocent, and does it find what is there?

``python -m benchmarks.fairness [--teams N] [--seed N] [--out FILE]`` simulates teams (see ``fairness_teams``). A full
run writes ``benchmarks/fairness.md`` and ``sdrlib/knowledge/proof.toml``, which reports quote; a smaller one prints its
table. It ends with 1 when a required line is missed by more than two Monte-Carlo errors.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.fairness_teams import (
    CONNECT,
    LEAST_TRUE,
    MEETING,
    MIXED,
    PEOPLE,
    WEEKS,
    WHOLE_REPORT,
    Ints,
    Measure,
    Pair,
    Seen,
    Team,
    draw,
    report,
    see,
    skills,
)
from sdrlib.stats.baseline import BaselineChange, change_from_baseline
from sdrlib.stats.comparison import Comparison
from sdrlib.stats.effect import lot_effect
from sdrlib.stats.maturity import conversion_at

REPORT = Path(__file__).with_name("fairness.md")
PROOF = Path(__file__).parents[1] / "sdrlib" / "knowledge" / "proof.toml"
FULL = 1000
"""So many teams a scenario make a run full."""
COACHED, DRAWN, HELPED = 3, 10, 0.3
HORIZON, ACCEPTED, LAG, MEETINGS = 25.0, 0.4, 10.0, 200


@dataclass(frozen=True)
class Line:
    """A line of the table: what is asked, the bounds it must keep, what came out, and its Monte-Carlo error."""

    name: str
    bounds: Pair | None
    value: float
    error: float

    @property
    def kept(self) -> bool:
        """Inside the bounds, or beyond by less than two Monte-Carlo errors. Without bounds: for comparison only."""
        low, high = self.bounds or (-np.inf, np.inf)
        return bool(low - 2 * self.error <= self.value <= high + 2 * self.error)


def share(name: str, bounds: Pair | None, counts: Iterable[Pair]) -> Line:
    """Sum of parts over sum of wholes, from each team's (part, whole); the error lets teams differ.

    None or all of n is uncertain too: by one of them.
    """
    part, whole = np.array(list(counts), dtype=np.float64).T
    total = max(whole.sum(), 1.0)
    value = float(part.sum() / total)
    error = float(np.sqrt(((part - value * whole) ** 2).sum()) / total)
    return Line(name, bounds, value, max(error, 1 / total) if value in (0, 1) and whole.any() else error)


def most(bound: float) -> Pair:
    return 0.0, bound


def least(bound: float) -> Pair:
    return bound, 1.0


def false_share(seen: Seen) -> Pair:
    return float(seen.false.sum()), float(seen.below.sum())


def any_false(seen: Seen) -> Pair:
    return float(seen.false.any()), 1.0


def found(team: Team, seen: Seen) -> Pair:
    guilty = seen.below[:, : team.deficient]
    return float(guilty.sum()), float(guilty.size)


def new_hires_flagged(team: Team, seen: Seen) -> Pair:
    new = seen.false[:, PEOPLE - team.new_hires :]
    return float(new.sum()), float(new.size)


def silent(seen: Seen) -> Pair:
    said = np.isin(seen.codes, ["below", "above"])
    return float((~said).sum()), float(said.size)


def covered(seen: Seen, *, accused_only: bool) -> Pair:
    low, high, truth = seen.first.low, seen.first.high, seen.truth[0]
    chosen = high < 1 if accused_only else np.isfinite(high)
    return float(((low <= truth) & (truth <= high) & chosen).sum()), float(chosen.sum())


def usual_rule(seen: Seen) -> Pair:
    """What is to be replaced: significantly (p < 0.05) under the team's rate, whatever the lists and repeated calls."""
    n, o = seen.first.trials, seen.first.successes
    pooled = o.sum() / n.sum()
    z = (o / n - pooled) / np.sqrt(pooled * (1 - pooled) / n)
    return float(((z < -1.96) & (seen.truth[0] >= LEAST_TRUE)).any()), 1.0


def sized(trials: int, measure: Measure = CONNECT) -> tuple[Measure, ...]:
    return (replace(measure, trials=trials),)


Ask = tuple[str, Pair | None, Callable[[Seen], Pair]]


def scenarios() -> list[tuple[str, Team, list[Ask]]]:
    """Each scenario with what is asked of it; false accusations are counted wherever somebody is deficient."""
    asked = []
    for decline, power in ((0.5, 0.95), (0.3, 0.75), (0.2, 0.28)):
        team = replace(MIXED, decline=decline)
        asked.append((f"connect 8 %, 2,000 dials, −{decline:.0%}", team, [power_line(team, power)]))
    asked[1][2].extend(coverage_lines())
    for decline, power in ((0.5, 0.72), (0.3, 0.15)):
        team = replace(MIXED, decline=decline, measures=sized(500))
        asked.append((f"connect 8 %, 500 dials, −{decline:.0%}", team, [power_line(team, power)]))
    team = replace(MIXED, decline=0.5, measures=(MEETING,))
    asked.append(("dial to meeting 1.2 %, 2,000 dials, −50%", team, [power_line(team, 0.38)]))
    few = replace(team, measures=sized(500, MEETING))
    asked.append(("dial to meeting 1.2 %, 500 dials, −50%", few, [("nothing said of the person", least(0.99), silent)]))
    asked.append(("five measures, −30%", replace(MIXED, measures=WHOLE_REPORT), []))
    asked.append(("lists worked in turn, −30%", replace(MIXED, lists_in_turn=True), []))
    asked.append(("all calls to a prospect in one week, −30%", replace(MIXED, cadence=0), []))
    asked.append(("prospects twice as uneven, −30%", replace(MIXED, measures=(replace(CONNECT, uneven=1.4),)), []))
    return [
        (name, team, [("false among `below`", most(0.08), false_share), *asks]) for name, team, asks in asked
    ] + others()


def others() -> list[tuple[str, Team, list[Ask]]]:
    """Ordinary teams, new hires, and looking every week."""
    accused: Ask = ("any false accusation in a report", most(0.05), any_false)
    usual: Ask = ("any false accusation, usual rule (p < 0.05 under the team's rate)", None, usual_rule)
    hires = replace(MIXED, new_hires=6)
    blind = replace(hires, tenure_known=False)
    weekly = tuple(range(1, WEEKS + 1))
    flagged = partial(new_hires_flagged, hires)
    return [
        ("ordinary team, connect, 2,000 dials", Team(), [accused, usual]),
        ("ordinary team, five measures", Team(measures=WHOLE_REPORT), [accused]),
        ("twelve weekly looks, −30%", replace(MIXED, looks=weekly), [("false among `below`", most(0.10), false_share)]),
        ("six new hires at 60 %, −30%", hires, [("new hires falsely flagged", most(0.05), flagged)]),
        ("the same, tenure unknown", blind, [("new hires falsely flagged", None, flagged)]),
    ]


def power_line(team: Team, bound: float) -> Ask:
    return "power", least(bound), partial(found, team)


def coverage_lines() -> list[Ask]:
    both = (("all", False), ("those under 1", True))
    return [(f"coverage of 95 % intervals, {who}", (0.93, 0.98), partial(covered, accused_only=a)) for who, a in both]


def coaching(rng: np.random.Generator) -> tuple[Pair, ...]:
    """Coaching of the three lowest, without effect and with one; and of a lot among the ten lowest, without effect."""
    skill = skills(MIXED, rng)
    before, after = (see(draw(MIXED, CONNECT, rng, skill)) for _ in range(2))
    lowest = np.argsort(before.posterior_ratio)
    few = lowest[:COACHED]
    shown = since(before, after, few)
    raw = after.ratio[few] / before.ratio[few] - 1
    better = np.where(np.isin(np.arange(len(skill)), few), 1 + HELPED, 1.0)
    helped = since(before, see(draw(MIXED, CONNECT, rng, skill * better)), few)
    among, lot = lowest[:DRAWN], rng.permutation(DRAWN) < DRAWN // 2
    drawn = lot_effect(before.ratio[among], after.ratio[among], lot)
    return (
        (float(shown.change.sum()), COACHED),
        (float((shown.low > 0).sum()), COACHED),
        (float(((shown.low <= 0) & (shown.high >= 0)).sum()), COACHED),
        (float(raw.sum()), COACHED),
        (float((helped.low > 0).sum()), COACHED),
        (float(((helped.low <= HELPED) & (helped.high >= HELPED)).sum()), COACHED),
        (drawn.effect, 1.0),
        (float(drawn.low > 0), 1.0),
    )


def since(before: Comparison, after: Comparison, few: Ints) -> BaselineChange:
    """The change of some people from their baselines."""
    observed, expected = after.compared_successes / after.scale, after.typical * after.expected / after.scale
    return change_from_baseline(observed[few], expected[few], before.posterior_ratio[few], before.posterior_sd[few])


def acceptance(rng: np.random.Generator) -> tuple[Pair, Pair]:
    """Share of meetings accepted within 25 days, most of them young: by survival, and as accepted so far."""
    age, accepted = rng.uniform(0, 60, MEETINGS), rng.random(MEETINGS) < ACCEPTED
    lag = rng.gamma(2.0, LAG / 2, MEETINGS)
    happened = accepted & (lag <= age)
    seen = conversion_at(np.where(happened, lag, age), happened, HORIZON)
    truth = ACCEPTED * (1 - np.exp(-HORIZON / (LAG / 2)) * (1 + HORIZON / (LAG / 2)))
    return (seen.conversion - truth, 1.0), (seen.naive - truth, 1.0)


def run(teams: int, seed: int, say: Callable[[str], object] = lambda _: None) -> list[tuple[str, Line]]:
    """All lines of the table, with the scenario each belongs to; every scenario has its own stream of chance."""
    lines = []
    for number, (name, team, asks) in enumerate(scenarios()):
        rng = np.random.default_rng([seed, number])
        seen = [report(team, rng) for _ in range(teams)]
        lines += [(name, share(what, bounds, map(measure, seen))) for what, bounds, measure in asks]
        say(name)
    rng = np.random.default_rng([seed, 1000])
    shown, worked, covers, raw, found, covers_it, lot, lot_worked = zip(
        *(coaching(rng) for _ in range(teams)), strict=True
    )
    no_effect, effect = "coaching without effect", f"coaching that brings +{HELPED:.0%}"
    lines += [
        (no_effect, share("mean change shown, from the baseline", (-0.03, 0.03), shown)),
        (no_effect, share("said to have worked", most(0.10), worked)),
        (no_effect, share("interval of the change holds the truth", (0.93, 0.98), covers)),
        (no_effect, share("mean change, raw before and after", None, raw)),
        (effect, share("said to have worked, of one person", None, found)),
        (effect, share("interval of the change holds the truth", (0.93, 0.98), covers_it)),
        (no_effect, share("mean change shown, by lot", (-0.03, 0.03), lot)),
        (no_effect, share("said to have worked, by lot", most(0.10), lot_worked)),
    ]
    survival, naive = zip(*(acceptance(rng) for _ in range(teams)), strict=True)
    lines.append(("immature acceptance", share("bias of the survival estimate", (-0.01, 0.01), survival)))
    lines.append(("immature acceptance", share("bias of the share accepted so far", None, naive)))
    return lines


def page(lines: list[tuple[str, Line]], teams: int, seed: int) -> str:
    """The table in Markdown."""
    rows = [
        "# Fairness of the comparison, by simulation",
        "",
        f"`{command(teams, seed)}`: {teams} teams a scenario.",
        "± is one Monte-Carlo error; a line is kept when it is inside its bounds, or beyond by less than two errors.",
        "",
        "| scenario | | must | measured | kept |",
        "|---|---|---|---|---|",
    ]
    for name, line in lines:
        must = "for comparison" if line.bounds is None else bounds_text(line.bounds)
        kept = "" if line.bounds is None else "yes" if line.kept else "**no**"
        rows.append(f"| {name} | {line.name} | {must} | {line.value:.1%} ± {line.error:.1%} | {kept} |")
    return "\n".join(rows) + "\n"


def command(teams: int, seed: int) -> str:
    return f"python -m benchmarks.fairness --teams {teams} --seed {seed}"


def key(scenario: str, name: str) -> str:
    """What a line is called in the data file: ``connect-8-2000-dials-30-power``."""
    return re.sub(r"[^a-z0-9]+", "-", f"{scenario} {name}".lower().replace(",", "")).strip("-")


def proof(lines: list[tuple[str, Line]], teams: int, seed: int) -> str:
    """The same table as the data that reports and the README quote, as exact as the table."""
    rows = [
        "# How often the comparison is wrong, by simulation: shares, and one Monte-Carlo error of each.",
        "# Written by the command below, together with benchmarks/fairness.md; not to be edited.",
        "",
        f'command = "{command(teams, seed)}"',
        f"teams = {teams}",
        f"seed = {seed}",
        "",
        "[lines]",
    ]
    for name, line in lines:
        bounds = "" if line.bounds is None else "low = {}, high = {}, ".format(*line.bounds)
        measured, error = as_shown(line.value), as_shown(line.error)
        rows.append(f"{key(name, line.name)} = {{ {bounds}measured = {measured}, error = {error} }}")
    return "\n".join(rows) + "\n"


def as_shown(share: float) -> str:
    """Rounded once, as the table's percent is: 0.7775 must not read 77.8 % there and 0.777 here."""
    return f"{float(f'{share:.1%}'.rstrip('%')) / 100:.3f}"


def bounds_text(bounds: Pair) -> str:
    low, high = bounds
    if low == 0:
        return f"≤ {high:.0%}"
    return f"≥ {low:.0%}" if high == 1 else f"{low:.0%} to {high:.0%}"


def publish(lines: list[tuple[str, Line]], teams: int, seed: int, out: Path | None = None) -> None:
    """Both files after a full run; the table alone where it is asked for, or on the console."""
    table = page(lines, teams, seed)
    if out is None and teams < FULL:
        print(table)
        return
    (out or REPORT).write_text(table, encoding="utf-8")
    if out is None:
        PROOF.write_text(proof(lines, teams, seed), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description="Simulated teams, one table.")
    parser.add_argument("--teams", type=int, default=FULL, help="teams in each scenario")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="where the table goes instead; the data file is then left alone")
    options = parser.parse_args(arguments)
    lines = run(options.teams, options.seed, lambda name: print(name, file=sys.stderr))
    publish(lines, options.teams, options.seed, options.out)
    missed = [f"{name}: {line.name} {line.value:.3f}" for name, line in lines if not line.kept]
    print("\n".join(missed) or "every line kept")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
