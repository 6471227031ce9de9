"""Small exports in the styles of several tools, each with the mapping that reads it: what the mutations start from."""

from dataclasses import dataclass

SALESFORCE = """
time_zone = "Europe/Paris"
[[activities]]
from = "export"
[activities.columns]
activity_id = { column = "Id", id = "salesforce" }
rep_id = { column = "OwnerId", id = "salesforce" }
prospect_id = { column = "WhoId", id = "salesforce" }
at = "CreatedDate"
channel = { value = "call" }
direction = { value = "outbound" }
outcome = "CallDisposition"
duration_s = "CallDurationInSeconds"
[activities.labels.outcome]
connected = ["Interested"]
no_answer = ["", "No Answer"]
"""
HUBSPOT = """
time_zone = "America/New_York"
decimal = "."
[[opportunities]]
from = "export"
[opportunities.columns]
opportunity_id = "Record ID"
rep_id = "Deal owner"
prospect_id = { column = "Associated Contact", extract = "\\\\((\\\\d+)\\\\)$" }
created_at = "Create Date"
closed_at = "Close Date"
stage = "Deal Stage"
amount = "Amount"
currency = { value = "USD" }
status = "Deal Stage"
[opportunities.labels.status]
won = ["Closed Won"]
lost = ["Closed Lost"]
open = ["Proposal", ""]
"""
PIPEDRIVE = """
time_zone = "Europe/Paris"
decimal = ","
[[opportunities]]
from = "export"
[opportunities.columns]
opportunity_id = "Affaire - Titre"
rep_id = "Affaire - Propriétaire"
created_at = { column = "Affaire - Affaire créée", dates = ["%d/%m/%Y", "%d/%m/%Y %H:%M"] }
closed_at = "Affaire - Date de clôture prévue"
stage = "Affaire - Étape"
amount = "Affaire - Valeur"
currency = { value = "EUR" }
status = "Affaire - Statut"
[opportunities.labels.status]
open = ["En cours"]
won = ["Gagnée"]
lost = ["Perdue"]
"""
ZOHO = """
time_zone = "UTC"
[[activities]]
from = "export"
where = { "Call Type" = ["Outbound", "Inbound"] }
[activities.columns]
activity_id = { column = "Record Id", extract = "^(?:zcrm_)?(\\\\d+)$" }
rep_id = "Call Owner.id"
prospect_id = "Contact Name.id"
at = "Call Start Time"
channel = { value = "call" }
direction = "Call Type"
outcome = "Call Status"
duration_s = { column = "SLA", unit = "duration" }
[activities.labels.outcome]
connected = ["Attended Dialled"]
no_answer = ["Unattended Dialled", "Missed"]
"""
AIRCALL = """
[[activities]]
from = "export"
unless = { user = ["[No associated user]"] }
[activities.columns]
activity_id = "call id"
rep_id = "user"
at = { column = "datetime (utc)", dates = ["unix"] }
channel = { value = "call" }
direction = "direction"
outcome = "answered"
duration_s = { column = "in-call duration", unit = "duration" }
[activities.labels.outcome]
connected = ["Yes"]
no_answer = ["No"]
"""
CANONICAL = 'time_zone = "Europe/Paris"\n'


@dataclass(frozen=True)
class Style:
    """One tool's way to write an export.

    Attributes:
        name: Of the tool.
        mapping: The text of its mapping file.
        table: The canonical table it gives.
        header, rows: The cells.
        delimiter, encoding, end: How the file is written.
        sources: Canonical column -> title, where a lost cell must be told.
    """

    name: str
    mapping: str
    table: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sources: dict[str, str]
    delimiter: str = ","
    encoding: str = "utf-8"
    end: str = "\r\n"


def _salesforce(n):
    owner = ("005E0000001eioU", "005E0000001eioUIAQ")[n % 2]
    kind, seconds = (("Interested", str(30 + n)), ("", ""))[n % 2]
    who = "000000000000000AAA" if n % 5 == 0 else "003E000000LVhfO"
    return (f"00TE000000LVh{n:02}", who, owner, f"2026-02-{n + 1:02} 06:38:22", kind, seconds, 'Said "yes",\nthen no')


def _hubspot(n):
    stage = ("Proposal", "Closed Won", "Closed Lost")[n % 3]
    return (
        f"51{n:02}", f"Ovens {n}", stage, f"${n},234.00", f"2026-03-{n + 1:02} 09:31", "Inès Moreau",
        f"2026-01-{n + 1:02} 09:31", f"Boulangeries Durand ({5551 + n})",
    )  # fmt: skip


def _pipedrive(n):
    status = ("En cours", "Gagnée", "Perdue")[n % 3]
    return (
        f"Fours n° {n}", f"{n + 1} 500,50 €", "Zoé Lebœuf", "Négociation", status, f"{n + 9:02}/11/2026",
        f"{n + 1:02}/10/2026", "Trop cher ; à revoir",
    )  # fmt: skip


def _zoho(n):
    kind = ("Attended Dialled", "Unattended Dialled", "Missed")[n % 3]
    sla = ("16:26:23", "1 day, 16:26:23", "2h 5m")[n % 3]
    return (
        f"zcrm_5805028000{n:09}", f"5805028000{n:09}", "Agent One", f"5805028001{n:09}",
        f"2026-05-{n + 1:02} 14:00:00", ("Outbound", "Inbound", "Missed")[n % 3], kind, sla,
    )  # fmt: skip


def _aircall(n):
    user = "[No associated user]" if n % 4 == 3 else f"Agent {n % 2}"
    at = f"2026-03-{n + 1:02}T07:57:14.083Z" if n % 2 else str(1_772_000_000 + n)
    return (f"CA{n}", at, ("inbound", "outbound")[n % 2], ("Yes", "No")[n % 2], user, f"00:0{n % 9}:06", "tag a, tag b")


def _canonical(n):
    return (
        f"{n:04}", "007", f"p{n % 3}", f"2026-03-{n + 1:02}T09:30:00+01:00", ("call", "email")[n % 2], "outbound",
        ("connected", "no_reply")[n % 2], "61.5",
    )  # fmt: skip


def _rows(make, count=12):
    return tuple(make(n) for n in range(count))


STYLES = (
    Style(
        "salesforce", SALESFORCE, "activities",
        ("Id", "WhoId", "OwnerId", "CreatedDate", "CallDisposition", "CallDurationInSeconds", "Description"),
        _rows(_salesforce),
        {"activity_id": "Id", "rep_id": "OwnerId", "at": "CreatedDate", "duration_s": "CallDurationInSeconds"},
    ),
    Style(
        "hubspot", HUBSPOT, "opportunities",
        ("Record ID", "Deal Name", "Deal Stage", "Amount", "Close Date", "Deal owner", "Create Date",
         "Associated Contact"),
        _rows(_hubspot),
        {"opportunity_id": "Record ID", "rep_id": "Deal owner", "prospect_id": "Associated Contact", "amount": "Amount",
         "created_at": "Create Date", "status": "Deal Stage"},
    ),
    Style(
        "pipedrive", PIPEDRIVE, "opportunities",
        ("Affaire - Titre", "Affaire - Valeur", "Affaire - Propriétaire", "Affaire - Étape", "Affaire - Statut",
         "Affaire - Date de clôture prévue", "Affaire - Affaire créée", "Affaire - Raison de perte"),
        _rows(_pipedrive),
        {"opportunity_id": "Affaire - Titre", "rep_id": "Affaire - Propriétaire", "amount": "Affaire - Valeur",
         "created_at": "Affaire - Affaire créée",
         "status": "Affaire - Statut"},
        delimiter=";", encoding="cp1252",
    ),
    Style(
        "zoho", ZOHO, "activities",
        ("Record Id", "Call Owner.id", "Call Owner", "Contact Name.id", "Call Start Time", "Call Type", "Call Status",
         "SLA"),
        _rows(_zoho),
        {},
        encoding="utf-8-sig",
    ),
    Style(
        "aircall", AIRCALL, "activities",
        ("call id", "datetime (utc)", "direction", "answered", "user", "in-call duration", "tags"),
        _rows(_aircall),
        {},
        end="\n",
    ),
    Style(
        "canonical", CANONICAL, "activities",
        ("activity_id", "rep_id", "prospect_id", "at", "channel", "direction", "outcome", "duration_s"),
        _rows(_canonical),
        {c: c for c in ("activity_id", "rep_id", "prospect_id", "at", "channel", "direction", "outcome", "duration_s")},
        delimiter="\t", encoding="utf-16", end="\r\n",
    ),
)  # fmt: skip
