"""Small exports in the style of real tools, with invented people: headers as the tools write them, in two languages."""

import csv
import io
import os
from pathlib import Path

import pytest

REAL = Path(os.environ.get("SDR_REAL_DATA", "-")) / "crm_headers"
needs_real_headers = pytest.mark.skipif(not REAL.is_dir(), reason="SDR_REAL_DATA names no folder with crm_headers")

ENGLISH = {
    "subject": "Activity - Subject", "type": "Activity - Type", "day": "Activity - Due date",
    "time": "Activity - Due time", "done": "Activity - Done", "owner": "Activity - Assigned to user",
    "created": "Activity - Creation date", "mail": "Person - Email",
}  # fmt: skip
FRENCH = {
    "subject": "Activité - Sujet", "type": "Activité - Type", "day": "Activité - Date d’échéance",
    "time": "Activité - Heure d'échéance", "done": "Activité - Terminé", "owner": "Activité - Attribué à l’utilisateur",
    "created": "Activité - Date d’ajout", "mail": "Personne - E-mail - Travail",
}  # fmt: skip
WORDS = {"en": (ENGLISH, "Call", "Meeting", "Done", "To do"), "fr": (FRENCH, "Appel", "RDV", "Oui", "Non")}


def pipedrive(language="en", reps=("Inès Moreau", "Paul Witczak"), calls=3, meetings=1):
    """The rows of an activities export: per rep some calls and the meetings that came of them."""
    titles, call, meeting, done, _ = WORDS[language]
    rows = []
    for rep in reps:
        for number in range(calls + meetings):
            day = f"{2 + number:02}/03/2026" if language == "fr" else f"2026-03-{2 + number:02}"
            rows.append({
                titles["subject"]: "=cmd|'/c calc'!A0", titles["type"]: call if number < calls else meeting,
                titles["day"]: day, titles["time"]: "10:30", titles["done"]: done, titles["owner"]: rep,
                titles["created"]: "2026-03-01 09:00:00" if language == "en" else "01/03/2026 09:00",
                titles["mail"]: f"{number}@{rep.split()[0].lower()}.example",
            })  # fmt: skip
    return rows


AIRCALL = """
title = "A dialler"
time_zone = "UTC"
[evidence]
default = "file"
[files.calls]
needs = ["id", "answered", "user"]
[files.calls.headers]
id = "call id"
at = "datetime (utc)"
direction = "direction"
answered = "answered"
user = "user"
mail = "user email"
seconds = "duration (in call)"
number = "customer number"
[people.calls]
id = "user"
email = "mail"
name = "user"
nobody = ["[No associated user]"]
[[activities]]
from = "calls"
unless = { user = ["[No associated user]", ""] }
[activities.columns]
activity_id = "id"
rep_id = "user"
prospect_id = { column = "number", coded = true }
at = "at"
channel = { value = "call" }
direction = "direction"
outcome = "answered"
duration_s = "seconds"
[activities.labels.outcome]
connected = ["Yes"]
no_answer = ["No"]
[activities.least_duration]
connected = 30
without = "unknown"
"""


def dialler(reps=("Inès Moreau", "Paul Witczak"), seconds=("120", "12", "")):
    """The rows of a dialler's export: answered calls of these durations, and one missed by everybody."""
    rows = [
        {
            "call id": f"{rep}{number}", "datetime (UTC)": f"2026-03-0{2 + number} 10:00:00", "direction": "outbound",
            "answered": "Yes", "user": rep, "user email": f"{rep.split()[0].lower()}@acme.example",
            "duration (in call)": length, "customer number": f"+33 6 00 00 00 0{number}",
        }
        for rep in reps for number, length in enumerate(seconds)
    ]  # fmt: skip
    missed = {**rows[0], "call id": "x", "answered": "No", "user": "[No associated user]", "user email": ""}
    return [*rows, missed]


def save(path, rows, delimiter=",", encoding="utf-8"):
    """Write rows as a CSV file and return its path."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def mapping(path, text):
    """Write a mapping and return its path as ``--crm`` takes it."""
    path.write_text(text, encoding="utf-8")
    return str(path)
