"""What a figure costs: the kit's six kinds of drawing against seaborn's defaults that show the same from rows.

``python -m benchmarks.figures`` (about a minute) draws both in one process, round after round, in turn, and prints
processor milliseconds, bytes and the ratio of each round. Imports are not counted: a warm worker has done them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from tests.publish import example_briefs as examples

if TYPE_CHECKING:
    import pandas as pd

    from sdrlib.publish.plots import Picture

DRAWN = 6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    print(compare(parser.parse_args().rounds))


def small() -> str:
    """For ``make bench``."""
    return f"```\n{compare(2)}\n```"


def compare(rounds: int) -> str:
    """Both, round after round."""
    rows = _rows()
    for warm in (ours, lambda: theirs(rows)):
        warm()
    told = [(_spent(ours), _spent(lambda: theirs(rows))) for _ in range(rounds)]
    lines = [f"{DRAWN} figures, {rounds} rounds, processor time", f"{'':24}{'ms':>8}{'KB':>8}"]
    for name, side in (("the kit, SVG", 0), ("seaborn's defaults, PNG", 1)):
        lines.append(f"{name:24}{1000 * median(r[side][0] for r in told):8.0f}{told[0][side][1] / 1000:8.0f}")
    ratios = [mine[0] / other[0] for mine, other in told]
    lines.append(f"the kit against seaborn: {median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})")
    return "\n".join(lines)


def _spent(draw: Callable[[], list[bytes]]) -> tuple[float, int]:
    """Processor seconds and bytes."""
    began = time.process_time()
    images = draw()
    assert len(images) == DRAWN  # noqa: S101
    return time.process_time() - began, sum(map(len, images))


def ours() -> list[bytes]:
    """A rep's four figures, and two kinds more that the same page holds of somebody else."""
    from sdrlib.publish.report import Report

    brief = examples.focused()
    report = Report(brief, "en", "manager")
    other = Report(replace(brief, person=replace(brief.person, name="Ana")), "fr", "manager")
    drawn: list[Picture] = [
        report.position(), report.trend(), report.mix(), report.ahead(), other.trend(), other.mix(),
    ]  # type: ignore[list-item]  # fmt: skip
    return [figure.image for figure in drawn]


# ---- what analysts write ------------------------------------------------------------------------------


def _rows() -> pd.DataFrame:
    """As many rows as a rep and colleagues make in a quarter, for rates that seaborn bootstraps."""
    import pandas as pd

    draw = np.random.default_rng(1)
    return pd.DataFrame({
        "week": draw.integers(1, 14, 5_000), "hour": draw.choice(["9:00", "11:00", "16:00"], 5_000),
        "who": draw.choice(["Zoé", "colleagues"], 5_000, p=[0.1, 0.9]), "met": draw.random(5_000) < 0.09,
    })  # fmt: skip


def theirs(rows: pd.DataFrame) -> list[bytes]:
    """The same six kinds with seaborn's defaults, saved as notebooks save them."""
    import seaborn as sns

    own, draw = rows[rows["who"] == "Zoé"], np.random.default_rng(2)
    among = {"x": draw.uniform(80, 280, 23), "y": draw.normal(1, 0.15, 23)}
    return [
        _drawn(lambda ax: sns.scatterplot(**among, ax=ax)),
        _drawn(lambda ax: sns.lineplot(own, x="week", y="met", marker="o", ax=ax)),
        _drawn(lambda ax: sns.pointplot(rows, x="met", y="hour", hue="who", ax=ax)),
        _drawn(lambda ax: sns.barplot(own, x="week", y="met", ax=ax)),
        _drawn(lambda ax: sns.lineplot(rows, x="week", y="met", hue="who", ax=ax)),
        _drawn(lambda ax: sns.pointplot(rows, x="met", y="hour", hue="who", ax=ax)),
    ]


def _drawn(draw: Callable[..., object]) -> bytes:
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(7.2, 3.4))
    draw(ax)
    ax.set_title("A finding")
    png = BytesIO()
    fig.savefig(png, format="png", dpi=144, bbox_inches="tight")
    plt.close(fig)
    return png.getvalue()


if __name__ == "__main__":
    main()
