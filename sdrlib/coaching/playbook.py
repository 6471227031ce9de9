"""The playbook: which drill fits which gap. The texts are data, in ``knowledge/playbook.toml``."""

from __future__ import annotations

from sdrlib.knowledge import read

OVER_QUALIFYING = "where_is_the_bar"
BAD_CONTACTS = "mend_the_contacts"


def choose(measure: str, cause: str, *, over_qualifying: bool = False) -> str:
    """Key of the drill for a gap on ``measure``: the one that names this measure earliest.

    Args:
        measure: Id of the measure to work on.
        cause: ``list`` when bad contact data explain it, which is the manager's to mend; else a drill with the rep.
        over_qualifying: The step after this one is above colleagues: talk about qualification before skill.

    Raises:
        KeyError: the playbook has no drill for it, which a test of the playbook rules out.
    """
    if over_qualifying:
        return OVER_QUALIFYING
    if cause == "list":
        return BAD_CONTACTS
    drills = read("playbook")["drills"]
    fitting = [key for key, drill in drills.items() if measure in drill["measures"] and drill["cause"] == "skill"]
    if not fitting:
        raise KeyError(f"no drill for {measure}")
    return str(min(fitting, key=lambda key: drills[key]["measures"].index(measure)))
