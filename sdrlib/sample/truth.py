"""What is really so in an invented team: for the judge of an analysis, never for the analysis."""

from __future__ import annotations

from typing import Any

from sdrlib.knowledge import read
from sdrlib.sample.cast import STEPS, Cast
from sdrlib.sample.plans import SHOWN_AS

# The measures of the catalogue, as products of the true steps.
MEASURES = {
    "connect_rate": ("connect_rate",),
    "connect_to_meeting": ("connect_to_meeting",),
    "call_to_meeting": ("connect_rate", "connect_to_meeting"),
    "reply_rate": ("reply_rate",),
    "email_to_meeting": ("reply_rate", "reply_to_meeting"),
    "show_rate": ("show_rate",),
    "meeting_to_sao": ("show_rate", "held_to_accepted"),
    "calls_per_day": ("volume",),
}


def tell_truth(cast: Cast, arguments: dict[str, Any], as_of: str) -> dict[str, Any]:
    """Everything the generator knows and the tables do not say, as JSON holds it."""
    return {
        "about": "An invented team: what is true of it. For judging an analysis; the analysis must not read it.",
        "made_by": "sdr sample",
        "arguments": arguments,
        "as_of": as_of,
        "steps": list(STEPS),
        "reps": [_rep(cast, index) for index in range(len(cast.ids))],
        "lists": [{k: v for k, v in line.items() if k != "channels"} for line in read("sample")["lists"]],
        "coaching": "No entry of the coaching log changed any rate: every true effect of coaching is 0.",
        "targets": "What is expected of one rep; a rep's own line takes the team's place, the company's are of all.",
    }


def _rep(cast: Cast, index: int) -> dict[str, Any]:
    """One rep: the part, the true multipliers once ramped, the lists, and what an analysis should say."""
    part, effects = cast.parts[index], cast.effects[index]
    skill = dict(zip(STEPS, cast.skill[index], strict=True))
    shown = [SHOWN_AS.get(step, step) for step in effects]
    role = f"{part}:{shown[0]}" if part in ("below", "above") else part
    measures = {}
    for name, steps in MEASURES.items():
        product = 1.0
        for step in steps:
            product *= float(skill[step])
        measures[name] = round(product, 4)
    return {
        "rep_id": cast.ids[index],
        "name": cast.names[index],
        "role": role,
        "started_on": str(cast.started[index]),
        "effects": dict(effects),
        "multipliers": {step: round(float(value), 4) for step, value in skill.items()},
        "measures": measures,
        "lists": {
            line["name"]: round(float(share), 4)
            for line, share in zip(read("sample")["lists"], cast.mix[index], strict=True)
        },
        "reading": read("sample")["readings"][part].format(steps=" and ".join(shown)),
    }
