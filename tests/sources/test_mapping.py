"""Mapping files: what they can say, and that every mistake in one is found at once, before any data is read."""

import re

import pytest

from sdrlib.errors import UsageError
from sdrlib.knowledge import mappings
from sdrlib.sources import load
from sdrlib.sources.mapping import open_mapping
from sdrlib.sources.unread import digest
from tests.folders import found, one, text

CALLS = [
    {"Id": "1", "Owner Id": "u1", "When": "02/03/2026 09:30", "Kind": "Call", "Résultat": "Messagerie", "Ms": "61500"},
    {"Id": "2", "Owner Id": "u2", "When": "03/03/2026 09:30", "Kind": "call ", "Résultat": "Abouti", "Ms": ""},
    {"Id": "3", "Owner Id": "u2", "When": "04/03/2026 09:30", "Kind": "E-mail", "Résultat": "Abouti", "Ms": "0"},
    {"Id": "4", "Owner Id": "u1", "When": "05/03/2026 09:30", "Kind": "Rendez-vous", "Résultat": "Tenu", "Ms": ""},
]
USERS = [{"Id": "u1", "Name": "Ana"}, {"Id": "u2", "Name": "Bob"}]
MAPPING = """
time_zone = "Europe/Paris"
dates = ["%d/%m/%Y %H:%M"]
[notes]
en = ["An example."]
fr = ["Un exemple."]
[[reps]]
from = "users"
columns = { rep_id = "id", name = "name", role = { value = "sdr" } }
[[activities]]
from = "calls"
where = { Kind = ["call", "e-mail"] }
joins = [{ table = "users", on = { left = "Owner Id", right = "Id" } }]
[activities.columns]
activity_id = "Id"
rep_id = { table = "users", column = "Id" }
list_name = "Name"
at = ["At", "When"]
channel = "kind"
direction = { value = "outbound" }
outcome = "resultat"
duration_s = { column = "Ms", scale = 0.001 }
[activities.labels.channel]
email = ["e-mail"]
[activities.labels.outcome]
voicemail = ["messagerie"]
connected = ["Abouti"]
[activities.labels.outcome.email]
replied = ["abouti"]
[[meetings]]
from = "calls"
where = { Kind = ["rendez-vous"] }
columns = { meeting_id = "Id", rep_id = "Owner Id", starts_at = "When", booked_at = "When", outcome = "Résultat" }
[meetings.labels.outcome]
held = ["Tenu"]
"""


def export(folder, mapping=MAPPING, calls=CALLS, users=USERS):
    """An export of two files and its mapping; returns the mapping's path."""
    folder.mkdir(exist_ok=True)
    for name, rows in (("calls", calls), ("users", users)):
        if rows is not None:
            (folder / f"{name}.csv").write_text(rows if isinstance(rows, str) else text(rows), encoding="utf-8")
    (folder / "my.toml").write_text(mapping, encoding="utf-8")
    return str(folder / "my.toml")


def test_selections_joins_labels_and_constants(tmp_path):
    crm = export(tmp_path)
    tables = load(str(tmp_path), crm=crm)
    assert found(tmp_path, crm) == {}
    rows = tables.frames["activities"].order_by("activity_id").execute()
    assert list(rows.outcome) == ["voicemail", "connected", "replied"]
    assert list(rows.outcome_label) == ["Messagerie", "Abouti", "Abouti"]
    assert list(rows.channel) == ["call", "call", "email"]
    assert list(rows.list_name) == ["Ana", "Bob", "Bob"]
    assert rows.duration_s[0] == 61.5
    assert str(rows["at"][0]) == "2026-03-02 08:30:00+00:00"
    assert list(rows.source_row) == [2, 3, 4]
    assert (tables.time_zone, tables.crm) == ("Europe/Paris", crm)
    assert tables.notes == {"en": ("An example.",), "fr": ("Un exemple.",)}


def test_the_mapping_is_part_of_the_fingerprint(tmp_path):
    first = load(str(tmp_path), crm=export(tmp_path)).fingerprint
    assert load(str(tmp_path), crm=export(tmp_path, MAPPING + "\n# changed")).fingerprint != first


def test_rows_of_an_unforeseen_kind_are_counted_not_lost(tmp_path):
    calls = [*CALLS, {**CALLS[0], "Id": "5", "Kind": "SMS"}, {**CALLS[0], "Id": "6", "Kind": ""}]
    problem = one(found(tmp_path, export(tmp_path, calls=calls)), "unselected-rows")
    assert (problem.table, problem.column, problem.rows) == ("calls.csv", "Kind", 2)
    assert problem.examples == ("– (1)", "SMS (1)")


def test_a_join_that_would_count_rows_twice_is_refused(tmp_path):
    problem = one(found(tmp_path, export(tmp_path, users=[*USERS, USERS[0]])), "ambiguous-join")
    assert (problem.rows, problem.examples, problem.values) == (1, ("u1",), {"file": "users.csv", "key": "Id"})
    assert load(str(tmp_path), crm=str(tmp_path / "my.toml")).frames["activities"].count().execute() == 3


def test_distinct_makes_a_list_of_reps_out_of_activities(tmp_path):
    mapping = '[[reps]]\nfrom = "calls"\ndistinct = true\ncolumns = { rep_id = "Owner Id", name = "Owner Id" }\n'
    rows = load(str(tmp_path), crm=export(tmp_path, mapping)).frames["reps"].order_by("rep_id").execute()
    assert (list(rows.rep_id), list(rows.source_row)) == (["u1", "u2"], [2, 3])


def test_distinct_of_columns_that_are_not_there_is_a_problem(tmp_path):
    mapping = '[[reps]]\nfrom = "calls"\ndistinct = true\ncolumns = { rep_id = "Nobody" }\n'
    assert "missing-source-column" in found(tmp_path, export(tmp_path, mapping))


def test_a_mapping_without_tables_says_how_canonical_files_are_written(tmp_path):
    (tmp_path / "opportunities.csv").write_text("opportunity_id;amount;created_at\n1;1 234,50;02/03/2026\n")
    mapping = 'time_zone = "Europe/Paris"\ndecimal = ","\ndates = ["%d/%m/%Y"]\ncurrency = "EUR"\n'
    (tmp_path / "how.toml").write_text(mapping)
    row = load(str(tmp_path), crm=str(tmp_path / "how.toml")).frames["opportunities"].execute().iloc[0]
    assert (row.amount, row.currency, str(row.created_at)) == (1234.5, "EUR", "2026-03-01 23:00:00+00:00")


@pytest.mark.parametrize(
    ("amount", "currency", "meant"),
    [
        ("9 900,00", "", "EUR"),
        ("9 900,00 €", "", "EUR"),
        ("9 900,00 $", "", "USD"),
        ("£9 900,00", "", "GBP"),
        ("9 900,00 CHF", "", "CHF"),
        ("9 900,00 TTC", "", "EUR"),
        ("9 900,00 $", "CAD", "CAD"),
        ("9 900,00 $", "EUR", "USD"),
        ("9 900,00", "GBP", "GBP"),
    ],
)
def test_the_mappings_currency_is_that_of_amounts_that_name_none(tmp_path, amount, currency, meant):
    """A deal in dollars that is added up as euros is a wrong number that nobody sees."""
    rows = f"opportunity_id;amount;currency\n1;{amount};{currency}\n"
    (tmp_path / "opportunities.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "how.toml").write_text('decimal = ","\ncurrency = "EUR"\n')
    row = load(str(tmp_path), crm=str(tmp_path / "how.toml")).frames["opportunities"].execute().iloc[0]
    assert (row.amount, row.currency) == (9900, meant)


def test_the_same_file_can_be_joined_twice_under_two_names(tmp_path):
    mapping = """
[[reps]]
from = "users"
joins = [
    { table = "users", as = "boss", on = { left = "Boss", right = "Id" } },
    { table = "users", as = "boss of boss", on = { left = "Boss", right = "Id" } },
]
[reps.columns]
rep_id = "Id"
name = "Name"
manager = { table = "boss", column = "Name" }
"""
    users = [{"Id": "1", "Name": "Ana", "Boss": "2"}, {"Id": "2", "Name": "Bob", "Boss": ""}]
    rows = load(str(tmp_path), crm=export(tmp_path, mapping, users=users)).frames["reps"].order_by("rep_id").execute()
    assert rows.manager[0] == "Bob"
    assert rows.manager.isna()[1]


# ---- labels -------------------------------------------------------------------------------------------


def relabelled(folder, *labels, mapping=MAPPING):
    calls = [{**CALLS[0], "Id": str(n), "Résultat": label} for n, label in enumerate(labels)]
    return export(folder, mapping, calls=[*calls, CALLS[3]])


def test_an_unmapped_outcome_is_unknown_counted_and_told_with_the_line_to_add(tmp_path):
    crm = relabelled(tmp_path, "Message vocal", "Message vocal", *["Messagerie"] * 98)
    problem = one(found(tmp_path, crm), "unknown-label")
    assert (problem.rows, problem.examples) == (2, ("Message vocal / call (2)",))
    assert problem.values["line"] == '[activities.labels.outcome]\nWORD_FROM_THE_LIST = ["Message vocal"]'
    outcomes = load(str(tmp_path), crm=crm).frames["activities"].outcome.value_counts(name="n").execute()
    assert dict(zip(outcomes.outcome, outcomes.n, strict=True)) == {"voicemail": 98, "unknown": 2}


def test_too_many_unmapped_outcomes_stop_the_run(tmp_path):
    problems = found(tmp_path, relabelled(tmp_path, "Voice mail", "Répondu ?", *["Messagerie"] * 8))
    problem = one(problems, "too-many-unknown")
    assert (problem.rows, problem.values["total"], problem.values["limit"]) == (2, "10", "5")
    assert "unknown-label" in problems


def test_a_label_mapped_to_unknown_is_a_decision(tmp_path):
    mapping = MAPPING.replace('voicemail = ["messagerie"]', 'voicemail = ["messagerie"]\nunknown = ["Divers", ""]')
    problems = found(tmp_path, relabelled(tmp_path, "divers", "", "Messagerie", mapping=mapping))
    assert set(problems) == {"deliberate-unknown"}
    assert problems["deliberate-unknown"][0].rows == 2


def test_an_empty_outcome_that_nobody_mapped_is_a_missing_value(tmp_path):
    problem = one(found(tmp_path, relabelled(tmp_path, "", "Messagerie")), "missing-value")
    assert (problem.table, problem.column, problem.examples) == ("activities", "outcome", ("#2",))


def test_an_outcome_of_another_channel_is_unknown_and_said(tmp_path):
    calls = [{**CALLS[2], "Id": str(n), "Résultat": "messagerie"} for n in range(3)]
    problems = found(tmp_path, export(tmp_path, calls=[*calls, CALLS[3]]))
    assert one(problems, "wrong-channel").examples == ("messagerie / email (3)",)
    assert one(problems, "too-many-unknown").rows == 3


def test_an_unknown_word_of_another_column_stops(tmp_path):
    calls = [{**CALLS[0], "Kind": "call", "Id": "9"}, *CALLS[1:]]
    mapping = MAPPING.replace('channel = "kind"', 'channel = "Ms"').replace('email = ["e-mail"]', 'email = [""]')
    problem = one(found(tmp_path, export(tmp_path, mapping, calls)), "unknown-word")
    assert (problem.column, problem.examples) == ("channel", ("#2 61500", "#4 0"))


# ---- what the export lacks ----------------------------------------------------------------------------


def test_every_missing_column_is_told_with_what_is_there_and_what_was_meant(tmp_path):
    calls = [{"Identifiant": "1", "Owner": "u1", "When": "02/03/2026 09:30", "Kind": "Call", "Result": "Abouti"}]
    problems = found(tmp_path, export(tmp_path, calls=calls))
    missing = {(p.table, p.column): p.values for p in problems["missing-source-column"]}
    assert {c for t, c in missing if t == "activities"} == {"", "activity_id", "outcome", "rep_id"}
    assert missing["activities", "outcome"]["near"] == "Result"
    assert "Identifiant" in missing["activities", "activity_id"]["present"]
    assert {p.column for p in problems["missing-optional-column"]} == {"duration_s", "list_name"}
    assert "missing-column" not in problems, "one mistake is reported once"


def test_a_file_the_mapping_needs_is_missed_by_name(tmp_path):
    problems = found(tmp_path, export(tmp_path, users=None))
    assert one(problems, "missing-file").values == {"there": "calls.csv"}
    assert "missing-table" not in problems


def test_a_file_may_be_optional(tmp_path):
    more = '[[opportunities]]\nfrom = "deals"\noptional = true\ncolumns = { opportunity_id = "Id" }\n'
    assert found(tmp_path, export(tmp_path, MAPPING + more)) == {}


def test_a_name_that_two_joined_files_have_must_be_qualified(tmp_path):
    mapping = MAPPING.replace('name = "name", role', 'name = "name", team = "Kind", role').replace(
        'from = "users"\n', 'from = "users"\njoins = [{ table = "calls", on = "Id" }, '
        '{ table = "calls", as = "more", on = "Id" }]\n', 1,
    )  # fmt: skip
    problem = one(found(tmp_path, export(tmp_path, mapping)), "ambiguous-column")
    assert (problem.column, problem.values["homes"]) == ("team", "calls, more")


def test_two_columns_of_one_name_are_not_chosen_between(tmp_path):
    (tmp_path / "reps.csv").write_text("rep_id,Rep ID,name,role\n1,2,A,sdr\n")
    assert one(found(tmp_path), "ambiguous-column").column == "rep_id"


def test_a_join_key_must_be_there_on_both_sides(tmp_path):
    users = [{"Key": "u1", "Name": "Ana"}]
    problems = found(tmp_path, export(tmp_path, users=users))
    assert {p.values["wanted"] for p in problems["missing-source-column"]} >= {"Id"}


# ---- what is wrong with a mapping ---------------------------------------------------------------------


def refusal(tmp_path, mapping):
    with pytest.raises(UsageError) as caught:
        open_mapping(export(tmp_path, mapping))
    return str(caught.value)


def test_every_mistake_is_reported_at_once(tmp_path):
    said = refusal(
        tmp_path,
        """
timezone = "UTC"
time_zone = "Europe/Pariss"
dates = ["DD/MM/YYYY", "%d/%Q"]
decimal = "'"
[notes]
de = ["Nein."]
[[activities]]
from = "calls"
wehre = { Kind = ["call"] }
joins = [{ table = "users", on = "a" }, { table = "users", on = "b" }]
[activities.columns]
activity_idd = "Id"
at = { value = "x", column = "y" }
rep_id = { table = "user", column = "y" }
[activities.labels.outcome]
voicemial = ["A"]
connected = ["b", "C"]
busy = ["B "]
[activities.labels.outcome.email]
reply = ["x"]
[activities.labels.rep_id]
x = ["y"]
""",
    )
    for part in (
        "timezone: unknown key; did you mean time_zone?",
        "'Europe/Pariss' is no IANA time zone; did you mean Europe/Paris?",
        "'DD/MM/YYYY' is no strptime format",
        "'%d/%Q' is no strptime format",
        "decimal: ",
        "notes.de",
        "activities.0.wehre: Extra inputs",
        "columns.activity_idd: the contract has no such column; did you mean activity_id?",
        "activities.0.columns.at: ",
        "columns.rep_id: 'user' is neither this selection's file nor joined to it; did you mean users?",
        "joins: users is there twice",
        "labels.outcome.voicemial: not in the vocabulary; did you mean voicemail?",
        "labels.outcome.busy: 'B ' already means connected",
        "labels.outcome.email.reply: not in the vocabulary; did you mean no_reply?",
        "labels.rep_id: only columns with a closed vocabulary have labels",
    ):
        assert part in said, part


def test_values_of_a_wrong_form_are_refused_and_never_a_traceback(tmp_path):
    said = refusal(
        tmp_path,
        'time_zone = 3\ndates = "x"\nactivities = "calls"\nnotes = 1\n'
        '[[reps]]\nfrom = 1\ncolumns = { name = 1 }\njoins = ["x"]\nlabels = { role = ["x"] }\n',
    )
    for part in ("time_zone: ", "dates: ", "activities: ", "notes: ", "reps.0.from: ", "reps.0.columns.name: "):
        assert part in said, part


def test_an_unknown_mapping_lists_the_known_ones(tmp_path):
    with pytest.raises(UsageError, match="leadforge"):
        load(str(tmp_path), crm="salesfroce")


def test_a_mapping_that_is_no_toml_or_no_text_is_refused(tmp_path):
    assert "not valid TOML" in refusal(tmp_path, "time_zone = ")
    (tmp_path / "my.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(UsageError, match="not UTF-8"):
        open_mapping(str(tmp_path / "my.toml"))


def test_numbers_may_be_constants(tmp_path):
    mapping = '[[reps]]\nfrom = "users"\ncolumns = { rep_id = "Id", name = "Name", team = { value = 7 } }\n'
    assert set(load(str(tmp_path), crm=export(tmp_path, mapping)).frames["reps"].team.execute()) == {"7"}


@pytest.mark.parametrize("crm", mappings())
def test_every_mapping_of_the_kit_is_valid_and_says_its_notes_in_both_languages(crm):
    mapping, text_of = open_mapping(crm)
    assert mapping.tables
    assert set(mapping.notes) in (set(), {"en", "fr"})
    assert len({len(told) for told in mapping.notes.values()}) <= 1
    assert not re.search(r"\t", text_of)


def test_a_mapping_that_extends_itself_is_told_in_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text('extends = "own.toml"\n')
    (tmp_path / "one.toml").write_text('extends = "two.toml"\n')
    (tmp_path / "two.toml").write_text('extends = "one.toml"\n')
    for name in ("own.toml", "one.toml"):
        with pytest.raises(UsageError, match=r"builds on one that stands by itself"):
            open_mapping(name)
        assert digest(str(tmp_path), name), "what a run is known by follows no circle"
