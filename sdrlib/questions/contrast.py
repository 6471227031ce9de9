"""Does A differ from B? Sides in, a contrast out; the method is in ``stats``."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, cast

import numpy as np
import pandas as pd

from sdrlib.records import Conclusion, Contrast, Contrasts, Side, Sides
from sdrlib.stats.clustered import Inflation, SideMoments, two_way_inflation
from sdrlib.stats.contrast import Alike, TwoSides, anytime, compare_alike, compare_sides
from sdrlib.stats.multiplicity import adjusted_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sdrlib.settings import Settings

Floats: TypeAlias = "NDArray[np.float64]"
Kind: TypeAlias = Literal["rate", "count"]

STRATA = ("rep_id", "list", "channel", "tenure")
COMPARED = {"rep": ("rep_id",), "team": ("rep_id",), "list": ("list",), "channel": ("channel",)}
"""What cannot be alike because it is what is compared."""

ALPHA = 0.05
FEW = 10.0
"""With fewer degrees of freedom the interval is wider by a quarter or more, and a reader should know why."""

PRODUCTS = ("xx", "xn", "nx", "nn")


class _Pair(NamedTuple):
    """Labels of A and of B; None: all the others."""

    a: str
    b: str | None


def contrast(sides: Sides, settings: Settings) -> Contrast:
    """A against B.

    Args:
        sides: Counted for a question with two sides.
        settings: The gap to plan for, the least expected events, the language.
    """
    return _concluded([_compare(sides, _Pair("a", "b"), settings)], "bh")[0]


def contrasts(
    sides: Sides, settings: Settings, *, pairs: bool = False, method: Literal["bh", "by"] = "bh"
) -> Contrasts:
    """Every level against all the others, or every pair of levels, as one family.

    Args:
        sides: Counted for every level of a dimension.
        settings: As for ``contrast``.
        pairs: Every pair, in the order of the levels, instead of each level against the others.
        method: ``bh``, or ``by`` which holds whatever the dependence between contrasts.
    """
    asked = (
        [_Pair(a, b) for a, b in combinations(sides.labels, 2)]
        if pairs
        else [_Pair(label, None) for label in sides.labels]
    )
    found = [_compare(sides, pair, settings) for pair in asked]
    return Contrasts(tuple(_concluded(found, method)), method, settings.language)


# ---- one pair --------------------------------------------------------------------------------------------


def _compare(sides: Sides, pair: _Pair, settings: Settings) -> Contrast:
    """Everything but what needs the whole family: adjusted p and the conclusion."""
    kind = cast(Kind, sides.asked.kind)
    cells = _own(sides.cells, pair)
    n, x = (_sums(cells, column, []) for column in ("trials", "successes"))
    inflation = _inflation(sides, cells, pair, x[:, 0], n[:, 0])
    strata = [c for c in STRATA if c not in COMPARED.get(sides.asked.dimension, ())]
    by_stratum = (_sums(cells, "successes", strata), _sums(cells, "trials", strata))
    whole = compare_sides(x[:, 0], n[:, 0], inflation.factor, gap=settings.plan_gap, kind=kind)
    alike = compare_alike(*by_stratum, inflation.factor, kind=kind)
    return _record(sides, pair, (x[:, 0], n[:, 0]), inflation, whole, alike, settings)


def _own(cells: pd.DataFrame, pair: _Pair) -> pd.DataFrame:
    """The cells of the two sides, with ``on``: 0 for A, 1 for B."""
    is_a = cells["side"] == pair.a
    kept = cells if pair.b is None else cells[is_a | (cells["side"] == pair.b)]
    return kept.assign(on=np.where(kept["side"] == pair.a, 0, 1))


def _sums(cells: pd.DataFrame, column: str, by: list[str]) -> Floats:
    """(2, groups) sums of a column per side and group, groups in any order but the same for every column."""
    group = cells.groupby(by, dropna=False, sort=True).ngroup().to_numpy() if by else np.zeros(len(cells), int)
    out = np.zeros((2, int(group.max(initial=-1 if by else 0)) + 1))
    np.add.at(out, (cells["on"].to_numpy(), group), cells[column].to_numpy(float))
    return out


def _inflation(sides: Sides, cells: pd.DataFrame, pair: _Pair, x: Floats, n: Floats) -> Inflation:
    bx, bn = (_sums(cells, column, list(sides.block)) for column in ("successes", "trials"))
    return two_way_inflation(
        x,
        n,
        prospects=_moments(sides, "prospect", pair, x, n),
        blocks=SideMoments.of(bx[0], bn[0], bx[1], bn[1]),
        both=_moments(sides, "prospect_block", pair, x, n),
        kind=cast(Kind, sides.asked.kind),
    )


def _moments(sides: Sides, cut: str, pair: _Pair, x: Floats, n: Floats) -> SideMoments | None:
    """Moments over prospects; those of "all the others" are what is left of everybody's."""
    if cut not in sides.clusters:
        return None
    own = sides.moments[sides.moments["cut"] == cut]
    from_a = own["side"] == pair.a
    aa = own[from_a & (own["other"] == pair.a)]
    if pair.b is None:
        every, row = _square(own), _square(own[from_a])
        corner = _square(aa)
        rest = every - row - row.T + corner
        across = row - corner
        clusters, alone = aa["clusters"].sum(), aa["alone"].sum()
        numbers = [clusters, sides.clusters[cut] - alone, clusters - alone]
    else:
        to_b = own["other"] == pair.b
        bb = own[(own["side"] == pair.b) & to_b]
        corner, across, rest = _square(aa), _square(own[from_a & to_b]), _square(bb)
        numbers = [f["clusters"].sum() for f in (aa, bb, own[from_a & to_b])]
    products = np.block([[corner, across], [across.T, rest]])
    return SideMoments(np.array(numbers, float), np.array([x[0], n[0], x[1], n[1]]), products)


def _square(moments: pd.DataFrame) -> Floats:
    """(2, 2) sums of products of (successes, trials)."""
    return np.asarray(moments[list(PRODUCTS)].to_numpy(float).sum(axis=0).reshape(2, 2))


def _record(
    sides: Sides,
    pair: _Pair,
    counted: tuple[Floats, Floats],
    inflation: Inflation,
    whole: TwoSides,
    alike: Alike,
    settings: Settings,
) -> Contrast:
    asked, (x, n) = sides.asked, counted
    levels = asked.sides or ((pair.a,), (pair.b,) if pair.b else ())
    a, b = (_side(levels[i], n[i], x[i], whole.rates[i], alike.trials[i]) for i in (0, 1))
    people = sides.block == ("rep_id",)
    return Contrast(
        measure=asked.measure,
        kind=asked.kind,
        dimension=asked.dimension,
        a=a,
        b=b,
        **_of_totals(whole, n),
        **_of_alike(alike, n),
        p_adjusted=None,
        alike_p_adjusted=None,
        inflation=inflation.factor,
        degrees=_known(inflation.degrees),
        **_anytime(whole, alike, float(np.sqrt(inflation.independent * inflation.factor)), float(n.sum())),
        needed_trials=None if people else _known(whole.needed),
        gap=settings.plan_gap,
        detectable_down=_known(whole.detectable[0]),
        detectable_up=_known(whole.detectable[1]),
        conclusion="too_little_data" if whole.expected < settings.min_events else "not_settled",
        reasons=_reasons(sides, inflation, alike, n),
        tests=1,
        names=sides.names,
        language=settings.language,
    )


def _of_totals(whole: TwoSides, n: Floats) -> dict[str, Any]:
    return {
        "difference": _known(whole.difference.estimate),
        **_ends("", whole.difference, n),
        **_ends("simple_", whole.simple, n),
        "ratio": _known(whole.ratio.estimate),
        **_ends("ratio_", whole.ratio, n),
        **_ends("simple_ratio_", whole.simple_ratio, n),
        "p": _known(whole.p),
    }


def _of_alike(alike: Alike, n: Floats) -> dict[str, Any]:
    return {
        "alike_difference": _known(alike.difference.estimate),
        **_ends("alike_", alike.difference, n),
        "alike_p": _known(alike.p),
        "alike_strata": alike.strata,
        "same_p": _known(alike.same_p),
    }


def _anytime(whole: TwoSides, alike: Alike, se: float, trials: float) -> dict[str, Any]:
    """Of the like-for-like difference where there is one."""
    if alike.strata:
        looked = anytime(alike.difference.estimate, alike.se, float(alike.trials.sum()))
    else:
        looked = anytime(whole.difference.estimate, se, trials)
    return {"anytime_low": _known(looked.low), "anytime_high": _known(looked.high), "anytime_p": _known(looked.p)}


def _side(levels: tuple[str, ...], n: float, x: float, rate: Floats, alike: float) -> Side:
    shown, low, high = (_known(value) if n else None for value in rate)
    return Side(levels, float(n), float(x), shown, low, high, float(alike))


def _ends(name: str, limits: Any, n: Floats) -> dict[str, float | None]:
    """Lower and upper limit; unknown, not "anything", when a side has no trials."""
    known = bool(n.all())
    return {f"{name}low": _known(limits.low) if known else None, f"{name}high": _known(limits.high) if known else None}


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _reasons(sides: Sides, inflation: Inflation, alike: Alike, n: Floats) -> tuple[str, ...]:
    few = 0 < inflation.degrees < FEW
    said = {
        sides.missing: bool(sides.missing),
        "no_trials": not n.all(),
        "no_prospects": not sides.linked,
        "few_blocks": bool(n.all()) and (sides.few_blocks or not inflation.by_block),
        "few_clusters": few,
        "people": bool(n.all()) and sides.block == ("rep_id",),
        "no_shared_stratum": bool(n.all()) and alike.strata == 0,
        "strata_differ": alike.same_p < ALPHA,
    }
    return tuple(key for key, holds in said.items() if holds)


# ---- the family ------------------------------------------------------------------------------------------


def _concluded(found: list[Contrast], method: Literal["bh", "by"]) -> list[Contrast]:
    """The contrasts with p adjusted for each other, and what may be said of each."""
    whole, alike = (
        adjusted_p([_nan(p) for p in ps], method) for ps in ([c.p for c in found], [c.alike_p for c in found])
    )
    adjusted = (
        replace(c, p_adjusted=_known(p), alike_p_adjusted=_known(q), tests=len(found))
        for c, p, q in zip(found, whole, alike, strict=True)
    )
    return [replace(c, conclusion=_conclusion(c)) for c in adjusted]


def _nan(p: float | None) -> float:
    return float("nan") if p is None else p


def _conclusion(c: Contrast) -> Conclusion:
    """What may be said; the like-for-like difference has the last word where there is one."""
    if c.difference is None or {"no_acceptance", "no_link", "no_rows"} & set(c.reasons):
        return "no_data"
    if c.conclusion == "too_little_data":
        return "too_little_data"
    whole = c.p_adjusted is not None and c.p_adjusted <= ALPHA
    if c.alike_difference is None:
        return "differs" if whole else "not_settled"
    alike = c.alike_p_adjusted is not None and c.alike_p_adjusted <= ALPHA
    if alike and whole:
        return "differs" if c.difference * c.alike_difference > 0 else "reversed"
    if alike:
        return "hidden"
    return "mix" if whole and _explained(c) else "not_settled"


def _explained(c: Contrast) -> bool:
    """Whether the like-for-like limits exclude the difference of the totals; wide limits explain nothing."""
    low, high, pooled = c.alike_low, c.alike_high, c.difference
    return low is not None and high is not None and pooled is not None and not low <= pooled <= high
