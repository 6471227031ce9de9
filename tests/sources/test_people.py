"""Who is who: one person in several tools is one rep; who cannot be told is listed with the line to add."""

import pytest

from sdrlib.errors import UsageError
from sdrlib.sources import load
from sdrlib.sources.people import Register
from tests.sources.exports import AIRCALL, dialler, mapping, pipedrive, save


def two_tools(folder, reps=("Inès Moreau", "Paul Witczak"), people=""):
    """One team's meetings from Pipedrive and calls from a dialler, in one folder."""
    save(folder / "export.csv", pipedrive())
    save(folder / "calls.csv", dialler(reps))
    if people:
        (folder / "people.csv").write_text(people, encoding="utf-8")
    return load(str(folder), crm=f"pipedrive,{mapping(folder / 'dialler.toml', AIRCALL)}", time_zone="Europe/Paris")


def problem(tables, code):
    return next((p for p in tables.problems if p.code == code), None)


def test_two_tools_are_one_team_when_names_agree_but_for_case_and_accents(tmp_path):
    tables = two_tools(tmp_path, reps=("INES MOREAU", "Paul Witczak"))
    reps, acts = tables.frames["reps"].execute(), tables.frames["activities"].execute()
    assert sorted(reps.rep_id) == ["Inès Moreau", "Paul Witczak"]
    assert set(acts.rep_id) == set(reps.rep_id)
    assert sorted(reps.email) == ["ines@acme.example", "paul@acme.example"], "what one tool knows, all know"
    assert problem(tables, "unmatched-person") is None
    assert len(acts) == 6 + 6


def test_ids_of_a_table_that_two_tools_give_cannot_be_mistaken(tmp_path):
    tables = two_tools(tmp_path)
    ids = set(tables.frames["activities"].activity_id.execute())
    assert {i.split(":")[0] for i in ids} == {"pipedrive", "dialler"}
    assert not any(":" in i.split("#")[0] for i in tables.frames["meetings"].meeting_id.execute()), "only one has those"


def test_whoever_cannot_be_matched_stays_and_is_listed_with_the_line_to_add(tmp_path):
    tables = two_tools(tmp_path, reps=("I. Moreau", "Paul Witczak"))
    found = problem(tables, "unmatched-person")
    assert found.rows == 2
    assert found.values["line"].splitlines() == [
        "rep_id,name,email,role,pipedrive,dialler",
        "Inès Moreau,Inès Moreau,,sdr,Inès Moreau,???",
        "I. Moreau,I. Moreau,i.@acme.example,sdr,???,I. Moreau",
    ]
    assert tables.frames["reps"].count().execute() == 3


def test_a_file_of_people_says_what_no_tool_knows(tmp_path):
    people = (
        "rep_id,name,role,team,started_on,dialler,pipedrive\n"
        "007,Inès Moreau,sdr,North,2025-03-01,I. Moreau,\n"
        "008,Paul Witczak,ae,,,,\n"
    )
    tables = two_tools(tmp_path, reps=("I. Moreau", "Paul Witczak"), people=people)
    reps = tables.frames["reps"].order_by("rep_id").execute()
    assert list(reps.rep_id) == ["007", "008"]
    assert (reps.team[0], str(reps.started_on[0])[:10]) == ("North", "2025-03-01")
    assert set(tables.frames["activities"].rep_id.execute()) == {"007", "008"}
    assert problem(tables, "unmatched-person") is None


def test_a_role_that_a_person_wrote_down_is_not_overruled_by_a_mapping(tmp_path):
    people = "rep_id,name,role\n008,Paul Witczak,ae\n"
    reps = two_tools(tmp_path, people=people).frames["reps"].execute().set_index("rep_id")
    assert reps.role["008"] == "ae"


def test_mail_comes_before_name():
    register = Register(("a", "b"))
    register.meet("a", {"rep_id": "1", "email": "Ana@x.example", "name": "Ana", "role": "sdr"})
    register.meet("b", {"rep_id": "1", "email": "bob@x.example", "name": "Bob", "role": "sdr"})
    register.meet("b", {"rep_id": "2", "email": "ana@x.example", "name": "Ana B.", "role": "sdr"})
    assert [h.facts["rep_id"] for h in register.humans] == ["1", "b:1"], "two tools number theirs from 1"
    assert (register.rep_id("a", "1"), register.rep_id("b", "1"), register.rep_id("b", "2")) == ("1", "b:1", "1")


def test_an_owner_of_deals_who_also_calls_is_a_rep():
    register = Register(("a",))
    for role in ("ae", "sdr"):
        register.meet("a", {"rep_id": "Ana", "name": "Ana", "role": role})
    assert register.humans[0].facts["role"] == "sdr"


def test_two_people_of_one_name_are_never_guessed_apart():
    register = Register(("a",))
    for own in ("u1", "u2"):
        register.meet("a", {"rep_id": own, "name": "Ana", "role": "sdr"})
    assert len(register.humans) == 2
    assert register.rep_id("a", "Ana") == "Ana"
    (found,) = register.problems()
    assert (found.code, found.examples) == ("doubtful-person", ("a: Ana",))


def test_a_tool_named_twice_is_one_tool_and_an_unknown_one_is_refused(tmp_path):
    save(tmp_path / "x.csv", pipedrive())
    tables = load(str(tmp_path), crm="pipedrive,pipedrive", time_zone="UTC")
    assert tables.frames["activities"].count().execute() == 6
    with pytest.raises(UsageError, match="no such mapping"):
        load(str(tmp_path), crm="pipedrive,nothing")


@pytest.mark.parametrize(
    ("people", "code"),
    [
        ("nom,prenom\nx,y\n", "missing-column"),
        ("rep_id,name,started_on\nr1,Inès Moreau,hier\n", "bad-date"),
        ("rep_id,name,dialler\nr1,Inès Moreau,I. Moreau\nr2,Paul Witczak,I. MOREAU\n", "doubtful-person"),
    ],
)
def test_a_file_of_people_that_contradicts_itself_or_cannot_be_read_is_told(tmp_path, people, code):
    assert problem(two_tools(tmp_path, people=people), code)


OWNERS = """
time_zone = "Europe/Paris"
dates = ["%d/%m/%Y %H:%M"]
[[people.calls]]
name = "Owner"
[[activities]]
from = "calls"
[activities.columns]
activity_id = "Id"
rep_id = "Owner"
at = "Date"
channel = { value = "call" }
direction = { value = "outbound" }
outcome = { value = "connected" }
"""


def test_a_file_of_people_is_read_beside_a_mapping_of_ones_own(tmp_path):
    """Without first days new hires would be held against those who know the trade."""
    save(tmp_path / "calls.csv", [{"Id": "1", "Owner": "Inès Moreau", "Date": "02/03/2026 09:30"}])
    (tmp_path / "people.csv").write_text(
        "rep_id,name,role,team,started_on\n007,Inès Moreau,sdr,North,2025-03-01\n", encoding="utf-8"
    )
    tables = load(str(tmp_path), crm=mapping(tmp_path / "own.toml", OWNERS))
    (rep,) = tables.frames["reps"].execute().to_dict("records")
    assert (rep["rep_id"], rep["team"], str(rep["started_on"])[:10]) == ("007", "North", "2025-03-01")
    assert tables.frames["activities"].rep_id.execute().tolist() == ["007"]


def test_a_file_that_a_mapping_reads_is_no_list_of_people(tmp_path):
    save(tmp_path / "calls.csv", [{"Id": "1", "Owner": "u1", "Date": "02/03/2026 09:30"}])
    save(tmp_path / "people.csv", [{"Id": "u1", "Owner": "Inès Moreau"}])
    text = OWNERS.replace("[[people.calls]]\n", '[[people.people]]\nid = "Id"\n')
    (rep,) = load(str(tmp_path), crm=mapping(tmp_path / "own.toml", text)).frames["reps"].execute().to_dict("records")
    assert (rep["rep_id"], rep["name"]) == ("u1", "Inès Moreau")
