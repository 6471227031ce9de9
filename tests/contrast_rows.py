"""Rows drawn at random, and the sides a database would make of them: a second way to the same sums."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from sdrlib.records import Asked, Sides, Window

MONDAY = date(2026, 1, 5)
CELLS = ["side", "rep_id", "list", "channel", "tenure", "week"]


def draw(seed, *, reps=10, weeks=12, calls=40, rate=0.15, effect=1.0, shock=0.25, spread=0.6, per_prospect=3):
    """Calls of a team. A whole week of a rep is on one side, by lot; a prospect stays with its rep and is called again
    in other weeks. Rates vary by prospect and by the rep's week; ``effect`` is B over A."""
    rng = np.random.default_rng(seed)
    rep, week = (i.ravel() for i in np.meshgrid(np.arange(reps), np.arange(weeks), indexing="ij"))
    block = np.repeat(np.arange(len(rep)), calls)
    side = rng.permuted(np.tile([0, 1], (reps, weeks // 2)), axis=1).ravel()
    prospects = weeks * calls // per_prospect
    who = rep[block] * prospects + rng.integers(0, prospects, len(block))
    liking = np.exp(spread * rng.standard_normal(reps * prospects) - spread**2 / 2)
    mood = np.exp(shock * rng.standard_normal(len(rep)) - shock**2 / 2)
    p = np.minimum(rate * liking[who] * mood[block] * np.where(side[block] == 1, effect, 1.0), 1.0)
    return pd.DataFrame(
        {
            "side": np.where(side[block] == 0, "a", "b"),
            "rep_id": np.char.add("r", rep[block].astype(str)),
            "list": "warm",
            "channel": "call",
            "tenure": "180+",
            "week": [MONDAY + timedelta(7 * int(w)) for w in week[block]],
            "who": who,
            "x": (rng.random(len(block)) < p).astype(float),
            "n": 1.0,
        }
    )


def sides_of(rows, *, dimension="script", levels=(("A",), ("B",)), kind="rate", measure="connect_rate", linked=True):
    """What ``counts.sides`` hands on for these rows."""
    labels = tuple(sorted(rows["side"].unique())) if levels is None else ("a", "b")
    block = ("rep_id", "week")
    cuts = {"prospect": ["who"], "prospect_block": ["who", *block]} if linked else {}
    found = {cut: moments(rows, keys, labels) for cut, keys in cuts.items()}
    cells = rows.groupby(CELLS, as_index=False)[["n", "x"]].sum().rename(columns={"n": "trials", "x": "successes"})
    return Sides(
        asked=Asked(measure, kind, dimension, levels),
        labels=labels,
        cells=cells,
        moments=pd.concat([f.assign(cut=c) for c, (f, _) in found.items()]) if found else pd.DataFrame(),
        clusters={c: n for c, (_, n) in found.items()},
        block=block,
        linked=linked,
        few_blocks=False,
        names={},
        missing="",
        window=Window("all", MONDAY, MONDAY, datetime(2026, 4, 1, tzinfo=UTC), "Europe/Paris"),
    )


def moments(rows, keys, labels):
    """Products over clusters of every pair of sides, and the number of clusters."""
    table = rows.groupby([*keys, "side"])[["x", "n"]].sum().unstack(fill_value=0.0)
    x, n = ({s: table[c].get(s, 0.0 * table.iloc[:, 0]).to_numpy() for s in labels} for c in ("x", "n"))
    on = np.stack([n[s] > 0 for s in labels])
    frame = [
        {
            "side": s, "other": o, "clusters": float(((n[s] > 0) & (n[o] > 0)).sum()),
            "alone": float(((n[s] > 0) & (n[o] > 0) & (on.sum(axis=0) == 1)).sum()),
            "xx": x[s] @ x[o], "xn": x[s] @ n[o], "nx": n[s] @ x[o], "nn": n[s] @ n[o],
        }
        for s in labels
        for o in labels
        if ((n[s] > 0) & (n[o] > 0)).any()
    ]  # fmt: skip
    return pd.DataFrame(frame), float(len(table))
