"""Whether what is asked for can be had: settings, data, who answers for it, messages."""

from __future__ import annotations

from sdrlib.doctor.asking import Answer, Asked, line
from sdrlib.errors import KitError, UsageError
from sdrlib.settings import RESPONSIBLE, SAMPLES, Settings

OTHER_VARIABLES = frozenset(
    {
        "SDR_DATABASE_PASSWORD",
        "SDR_HUBSPOT_TOKEN",
        "SDR_PSEUDONYM_KEY",
        "SDR_REAL_DATA",
        "SDR_SALESFORCE_DOMAIN",
        "SDR_SALESFORCE_KEY",
        "SDR_SALESFORCE_SECRET",
    }
)
"""Variables that are no settings."""


def settings(asked: Asked) -> Answer:
    """Whether the settings can be used, and every variable meant as one is."""
    if asked.error:
        return Answer("unusable", {"error": asked.error})
    known = {f"SDR_{key.upper()}" for key in Settings.model_fields} | OTHER_VARIABLES
    names = sorted(name for name in asked.env if name.startswith("SDR_") and name not in known)
    return Answer("misspelt", {"names": ", ".join(names)}) if names else Answer("usable")


def data(asked: Asked) -> Answer:
    """Whether the data can be read; whether it is fit to count is what ``sdr check`` says."""
    data = asked.settings.data
    if data == str(SAMPLES):
        return Answer("sample")
    try:
        if "://" in data:
            from sdrlib.sources.database import open_database

            return Answer("database", {"number": str(len(open_database(data)[0].inputs))})
        from sdrlib.sources.finding import find

        number = len(find(data).inputs)
    except KitError as error:
        return Answer("unreachable" if "://" in data else "unreadable", {"error": line(error)})
    return Answer("folder" if number else "empty", {"path": data, "number": str(number)})


def privacy(asked: Asked) -> Answer:
    """Whether pages on real people say why they are made and by whom."""
    if asked.settings.data == str(SAMPLES):
        return Answer("sample")
    unset = [key for key in RESPONSIBLE if not getattr(asked.settings, key)]
    return Answer("untold", {"names": ", ".join(unset)}) if unset else Answer("told")


def messages(asked: Asked) -> Answer:
    """Whether the addresses of messages are understood; nothing is sent."""
    from sdrlib.publish import notify

    told = {f"notify_{event}": notify.addresses(asked.settings, event) for event in notify.EVENTS}
    told = {name: urls for name, urls in told.items() if urls}
    if not told:
        return Answer("none")
    try:
        notify.require()
    except UsageError:
        return Answer("missing")
    wrong = [name for name, urls in told.items() if not all(map(notify.understood, urls))]
    return Answer("unusable", {"names": ", ".join(wrong)}) if wrong else Answer("usable", {"names": ", ".join(told)})
