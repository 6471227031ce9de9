"""Mappings of dialers, engagement tools, mailers and lists: titles found, rows accounted for, numbers known by hand."""

from collections import Counter

import pytest

from sdrlib.contract import check
from sdrlib.counts import count
from sdrlib.settings import Settings
from sdrlib.sources import load
from sdrlib.sources.fold import fold_header
from sdrlib.sources.mapping import open_mapping
from sdrlib.sources.mapping_words import grade_of
from sdrlib.sources.recognition import Tool, candidates
from sdrlib.sources.sampling import recognised
from tests.folders import NOW, SETTINGS, sentences, text
from tests.sources.exports import REAL, clouds, mapping, needs_real_headers, pipedrive, save, tools

ZONE = "Europe/Paris"
OWN = (
    "aircall",
    "outreach",
    "salesloft",
    "copper",
    "freshsales",
    "brevo",
    "zoho_campaigns",
    "activecampaign",
    "apollo",
    "zoominfo",
    "leadiq",
    "lemlist",
    "sales_navigator",
)


def read(folder, exports, crm="auto", **how):
    """Load a tool's fixture; every problem can be told, and every row of every file is kept or listed."""
    tables = load(tools.write(folder, exports, **how), crm=crm, time_zone=ZONE)
    for problem in tables.problems:
        sentences(problem)
    assert all(file.balanced and (file.kept is not None or file.name == "people.csv") for file in tables.files)
    return tables


def rows(tables):
    return {name: int(frame.count().execute()) for name, frame in tables.frames.items()}


def codes(tables):
    return {p.code: p for p in tables.problems}


def outcomes(tables, table="activities", channel="call"):
    """Outcome -> rows; of activities those of one channel, outgoing."""
    frame = tables.frames[table].execute()
    if table == "activities":
        frame = frame[(frame.channel == channel) & (frame.direction == "outbound")]
    return dict(Counter(frame.outcome))


_LAST = []


def cells_of(tables):
    """What is counted of them, after the check; once, however many measures a test looks at."""
    if not _LAST or _LAST[0] is not tables:
        settings = Settings.gather({"as_of": "2026-04-01"}, env={})
        _LAST[:] = [tables, count(check(tables, settings, now=NOW), settings, now=NOW).cells]
    return _LAST[1]


def rate(tables, measure):
    """Successes and trials of a measure."""
    cells = cells_of(tables)
    cells = cells[cells.measure == measure]
    return int(cells.successes.sum()), int(cells.trials.sum())


def with_meetings(folder):
    """Meetings in the contract's own columns beside a tool that has none."""
    held = {
        "meeting_id": "m1",
        "rep_id": "Inès Moreau",
        "booked_at": "2026-03-02T12:00:00Z",
        "starts_at": "2026-03-05T12:00:00Z",
        "outcome": "held",
    }
    (folder / "meetings.csv").write_text(text([held]), encoding="utf-8")


# ---- what the kit knows of each ------------------------------------------------------------------------------


@needs_real_headers
@pytest.mark.parametrize(
    ("header", "tool", "file", "titles"),
    [
        ("aircall_calls_export_en", "aircall", "calls", tools.AIRCALL),
        ("apollo_people_export_header", "apollo", "people", tools.APOLLO),
        ("zoominfo_contacts_export_header", "zoominfo", "contacts", tools.ZOOMINFO),
    ],
)
def test_real_headers_are_recognised_and_have_every_title_the_mapping_claims(tmp_path, header, tool, file, titles):
    (tmp_path / "x.csv").write_bytes((REAL / f"{header}.csv").read_bytes())
    (found,) = recognised(str(tmp_path))
    assert (found.best.tool, found.best.file, found.best.dialect, found.is_close) == (tool, file, "en", False)
    assert ",".join(found.titles) == titles, "the fixture has the real header"
    crm, _ = open_mapping(tool)
    there = {fold_header(title) for title in found.titles}
    spelt = [s["en"] for s in crm.files[file].headers.values() if "en" in s]
    claimed = {fold_header(ts[0]) for ts in spelt if grade_of(crm, file, "en", ts[0]) != "guess"}
    assert claimed <= there


@needs_real_headers
@pytest.mark.parametrize("tool", OWN)
def test_no_real_header_of_another_tool_is_taken_for_this_one(tool):
    crm, _ = open_mapping(tool)
    for path in REAL.glob("*.csv"):
        titles = path.read_text(encoding="utf-8-sig").splitlines()[0].replace(";", ",").split(",")
        claims = [c for c in candidates("x", titles, [Tool(tool, crm)]) if not c.by_name]
        assert bool(claims) == path.name.startswith(tool), path.name


@pytest.mark.parametrize("tool", OWN)
def test_every_export_of_a_tool_is_recognised_without_being_named(tmp_path, tool):
    places = tools.write(tmp_path, getattr(tools, tool)())
    found = [guess.best for guess in recognised(places) if guess.best]
    assert {claim.tool for claim in found} == {tool}
    assert load(places, crm="auto", time_zone=ZONE).crm == tool


@pytest.mark.parametrize("tool", OWN)
def test_what_no_export_has_shown_is_graded_a_guess_or_left_out(tool):
    """The screens' exports of these were not found: nothing may be claimed of their titles in any language."""
    crm, _ = open_mapping(tool)
    unseen = {"brevo": ("en", "fr"), "zoho_campaigns": ("en",), "leadiq": ("leadiq",), "outreach": ("sql",)}
    for name, file in crm.files.items():
        for spelt in file.headers.values():
            for dialect, titles in spelt.items():
                grades = {grade_of(crm, name, dialect, t) for t in titles}
                assert grades <= {"file", "fixture", "documentation", "schema", "guess"}
                if dialect in unseen.get(tool, ()) and (tool, name) != ("outreach", "mailings"):
                    assert grades <= {"guess", "documentation"} if tool == "zoho_campaigns" else grades == {"guess"}
    assert {"en", "fr"} - {d for f in crm.files.values() for s in f.headers.values() for d in s} or tool == "brevo"


# ---- dialers and engagement tools ----------------------------------------------------------------------------


def test_aircall_a_call_is_what_its_tag_says_and_a_conversation_only_if_it_lasted(tmp_path):
    with_meetings(tmp_path)
    tables = read(tmp_path, tools.aircall())
    assert rows(tables) == {"activities": 10, "reps": 2, "meetings": 1}
    assert outcomes(tables) == {"connected": 2, "no_answer": 4, "voicemail": 2, "meeting_booked": 2}
    acts = tables.frames["activities"].execute()
    assert str(acts["at"].min()) == "2026-03-02 08:15:00+00:00", "the column in UTC, whatever the team's zone"
    assert set(acts.outcome_label) == {"Yes", "No", "Répondeur", "RDV pris"}
    told = codes(tables)
    assert (told["short-calls"].rows, told["left-out-rows"].rows) == (2, 1)
    assert told["unread-tags"].examples == ("VIP (2)",)
    assert told["unread-tags"].values["line"] == '[activities.labels.outcome]\nWORD_FROM_THE_LIST = ["VIP"]'
    assert rate(tables, "connect_rate") == (4, 10)


def test_aircalls_older_export_has_day_and_time_apart_in_the_teams_zone(tmp_path):
    titles = "date (TZ offset incl.),time (TZ offset incl.),direction,answered,user,duration (in call),tags"
    line = ("2026-03-02", "09:15:00", "outbound", "Yes", "Inès Moreau", "60", "")
    tables = read(tmp_path, {"calls": tools.lines(titles, line)})
    (at,) = tables.frames["activities"].execute()["at"]
    assert str(at) == "2026-03-02 08:15:00+00:00"


def test_a_tag_of_ones_own_is_an_outcome_after_one_line(tmp_path):
    own = mapping(tmp_path / "own.toml", 'extends = "aircall"\n[activities.labels.outcome]\nopt_out = ["vip"]\n')
    tables = read(tmp_path, tools.aircall(), crm=own)
    assert outcomes(tables)["opt_out"] == 2, "the first of several tags that is known"
    assert "unread-tags" not in codes(tables)


@pytest.mark.parametrize("spelling", ["api", "sql"])
def test_outreach(tmp_path, spelling):
    exports = tools.outreach()
    if spelling == "sql":  # userId -> USER_ID, as warehouses write it
        snake = {t: "".join(f"_{c}" if c.isupper() else c for c in t).upper() for rs in exports.values() for t in rs[0]}
        exports = {name: [{snake[t]: c for t, c in row.items()} for row in rs] for name, rs in exports.items()}
    tables = read(tmp_path, exports)
    assert rows(tables) == {"prospects": 1, "activities": 12, "opportunities": 3, "reps": 3}
    assert outcomes(tables) == {"connected": 2, "no_answer": 2, "voicemail": 2}
    assert outcomes(tables, channel="email") == {"replied": 2, "bounced": 2, "no_reply": 2}
    acts, deals = (tables.frames[t].execute() for t in ("activities", "opportunities"))
    assert acts.activity_id.nunique() == 12, "calls and mails may have equal numbers"
    assert set(acts.rep_id) == {"51", "52"}, "the sender's mailbox and the caller's id are one person"
    assert dict(zip(deals.opportunity_id, deals.status, strict=True)) == {"1": "won", "2": "lost", "3": "open"}
    reps = tables.frames["reps"].execute().set_index("rep_id")
    assert (reps.name["51"], reps.role["51"], reps.role["53"]) == ("Inès Moreau", "sdr", "ae")
    assert codes(tables)["left-out-rows"].rows == 2


def test_outreach_without_its_stages_reads_no_deals_rather_than_call_all_of_them_open(tmp_path):
    exports = {name: rs for name, rs in tools.outreach().items() if name != "opportunity_stages"}
    assert "opportunities" not in load(tools.write(tmp_path, exports), crm="auto", time_zone=ZONE).frames


@pytest.mark.parametrize("mark", [".", "_", "__"])
def test_salesloft(tmp_path, mark):
    tables = read(tmp_path, tools.salesloft(mark))
    assert rows(tables) == {"activities": 12, "meetings": 6, "reps": 3}
    assert outcomes(tables) == {"connected": 2, "no_answer": 2, "voicemail": 2}
    assert outcomes(tables, channel="email") == {"replied": 2, "bounced": 2, "no_reply": 2}
    assert outcomes(tables, "meetings") == {"pending": 2, "cancelled": 2, "no_show": 2}
    assert set(tables.frames["meetings"].rep_id.execute()) == {"51", "52"}, "meetings name people by GUID"
    assert set(tables.frames["activities"].script.execute()) == {"Spring"}
    assert rate(tables, "connect_rate") == (2, 6)
    assert rate(tables, "reply_rate") == (2, 4)
    assert rate(tables, "show_rate") == (0, 2)


def test_copper(tmp_path):
    tables = read(tmp_path, tools.copper())
    assert rows(tables) == {"activities": 6, "meetings": 2, "opportunities": 3, "reps": 3}
    assert outcomes(tables) == {"unknown": 4}
    deals = tables.frames["opportunities"].order_by("opportunity_id").execute()
    assert list(deals.status) == ["won", "lost", "open"]
    assert list(deals.stage) == ["Contract", "Qualified", "Qualified"]
    assert [str(d)[:10] for d in deals.closed_at.dt.tz_convert(ZONE)] == ["2026-03-20", "2026-03-21", "NaT"]
    assert str(deals.created_at[0]) == "2026-03-02 09:00:00+00:00", "seconds since 1970"
    assert codes(tables)["unselected-rows"].examples == ("Note (1)",)


def test_freshsales(tmp_path):
    tables = read(tmp_path, tools.freshsales())
    assert rows(tables) == {"activities": 6, "meetings": 4, "opportunities": 2, "reps": 3}
    assert outcomes(tables) == {"connected": 2, "voicemail": 2}
    assert outcomes(tables, "meetings") == {"held": 2, "pending": 2}
    assert rate(tables, "connect_rate") == (2, 4)
    deals = tables.frames["opportunities"].order_by("opportunity_id").execute()
    assert (list(deals.status), list(deals.amount)) == (["open", "won"], [7700, 500])


def test_lemlist_does_not_count_what_it_cannot_know(tmp_path):
    tables = read(tmp_path, tools.lemlist())
    assert rows(tables) == {"activities": 8, "campaigns": 1, "reps": 2}
    assert outcomes(tables, channel="email") == {"unknown": 4}, "which mail was answered is not said"
    assert outcomes(tables, channel="social") == {"unknown": 2}
    assert codes(tables)["left-out-rows"].examples == ("emailsOpened (2)",)
    (campaign,) = tables.frames["campaigns"].execute().itertuples()
    assert (campaign.reach, campaign.responses) == (4, 2)


def test_sales_navigator_seats_become_people_by_a_list(tmp_path):
    people = "rep_id,name,role,sales_navigator\nr1,Inès Moreau,sdr,51\nr2,Paul Witczak,sdr,52\n"
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    tables = read(tmp_path, tools.sales_navigator())
    assert rows(tables) == {"activities": 4, "reps": 2}
    acts = tables.frames["activities"].execute()
    assert (set(acts.rep_id), set(acts.channel)) == ({"r1", "r2"}, {"social"})
    assert str(acts["at"].min()) == "2026-03-02 09:30:00+00:00", "the month first, in UTC"
    assert codes(tables)["left-out-rows"].rows == 6


# ---- mailers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "delimiter", "encoding"), [("api", ",", "utf-8"), ("fr", ";", "cp1252")])
def test_brevo_campaigns_are_never_activities(tmp_path, language, delimiter, encoding):
    tables = read(tmp_path, tools.brevo(language), delimiter=delimiter, encoding=encoding)
    assert rows(tables) == {"campaigns": 2}
    found = tables.frames["campaigns"].order_by("campaign").execute()
    assert [(r.campaign, r.channel, str(r.month)[:10], r.reach, r.responses) for r in found.itertuples()] == [
        ("Hiver", "email", "2026-02-10", 490, 10),
        ("Printemps", "email", "2026-03-02", 980, 49),
    ]
    assert codes(tables)["left-out-rows"].rows == 1


def test_zoho_campaigns(tmp_path):
    (row,) = read(tmp_path, tools.zoho_campaigns()).frames["campaigns"].execute().itertuples()
    assert (row.campaign, str(row.month)[:10], row.reach, row.responses) == ("Spring", "2026-03-02", 98, 7)


def test_activecampaign_gives_cents_through_its_interface_and_units_on_the_screen(tmp_path):
    tables = read(tmp_path / "api", tools.activecampaign())
    assert rows(tables) == {"opportunities": 2, "campaigns": 1, "reps": 2}
    deals = tables.frames["opportunities"].order_by("opportunity_id").execute()
    assert (list(deals.amount), list(deals.status)) == ([1000.5, 500.0], ["won", "open"])
    screen = read(tmp_path / "screen", tools.activecampaign_export())
    assert list(screen.frames["opportunities"].execute().amount) == [1000.5]


def test_a_mailer_beside_a_crm_adds_campaigns_and_misses_nobody(tmp_path):
    save(tmp_path / "activities.csv", pipedrive())
    tables = read(tmp_path, tools.brevo())
    assert tables.crm == "pipedrive,brevo"
    assert rows(tables) == {"activities": 6, "meetings": 2, "reps": 2, "campaigns": 2}
    assert "unmatched-person" not in codes(tables)
    assert check(tables, SETTINGS, now=NOW).fit


# ---- lists of leads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "lists"),
    [
        ("apollo", ["Apollo", "Q1 fairs"]),
        ("zoominfo", ["ZoomInfo", "ZoomInfo"]),
        ("leadiq", ["LeadIQ", "LinkedIn Sales Navigator"]),
    ],
)
def test_lists_are_prospects_by_code_and_keep_neither_name_nor_mail(tmp_path, tool, lists):
    tables = read(tmp_path, getattr(tools, tool)())
    assert rows(tables) == {"prospects": 2}
    found = tables.frames["prospects"].execute()
    assert sorted(found.list_name) == lists
    assert found.prospect_id.nunique() == 2
    assert (
        not found.map(lambda cell: "@" in str(cell) or "Nora" in str(cell) or "linkedin.com" in str(cell))
        .to_numpy()
        .any()
    )


def test_a_list_gives_its_name_to_the_crms_prospects_by_mail(tmp_path):
    save(tmp_path / "activities.csv", pipedrive(reps=("Inès Moreau",)))
    tables = read(tmp_path, tools.zoominfo())
    acts, people = tables.frames["activities"].execute(), tables.frames["prospects"].execute().set_index("prospect_id")
    known = acts[acts.prospect_id.isin(people.index)]
    assert (len(known), people.list_name[known.prospect_id.iloc[0]]) == (1, "ZoomInfo")


# ---- calls of one tool, deals and meetings of another --------------------------------------------------------


def both(folder, crm="auto", caller="Inès Moreau", people=""):
    """Calls of Aircall and meetings of a CRM in one folder."""
    calls = tools.aircall()
    calls = {
        name: [{**r, "user": caller if r["user"] == "Inès Moreau" else r["user"]} for r in rs]
        for name, rs in calls.items()
    }
    save(folder / "crm.csv", pipedrive(calls=0))
    if people:
        (folder / "people.csv").write_text(people, encoding="utf-8")
    return read(folder, calls, crm)


@pytest.mark.parametrize("crm", ["auto", "aircall,pipedrive", "pipedrive,aircall"])
def test_calls_of_aircall_and_meetings_of_a_crm_are_one_team(tmp_path, crm):
    tables = both(tmp_path, crm, caller="INES MOREAU")
    assert rows(tables) == {"activities": 10, "meetings": 2, "reps": 2}
    assert set(tables.frames["meetings"].rep_id.execute()) == set(tables.frames["activities"].rep_id.execute())
    assert "unmatched-person" not in codes(tables)
    assert {note for notes in tables.notes.values() for note in notes} >= {
        note for tool in ("aircall", "pipedrive") for notes in open_mapping(tool)[0].notes.values() for note in notes
    }
    assert rate(tables, "connect_rate") == (4, 10)
    assert rate(tables, "show_rate") == (2, 2)


@pytest.mark.parametrize("crm", ["auto", "aircall,hubspot"])
def test_calls_of_aircall_deals_and_meetings_of_hubspot(tmp_path, crm):
    exports = {name: rs for name, rs in clouds.hubspot().items() if name != "calls"}
    tables = read(tmp_path, {**tools.aircall(), **exports}, crm)
    assert tables.crm in {crm, "aircall,hubspot"}
    assert rows(tables) == {"activities": 12, "meetings": 4, "opportunities": 3, "prospects": 2, "reps": 2}
    ids = tables.frames["activities"].activity_id.execute()
    assert Counter(i.split(":")[0] for i in ids) == {"aircall": 10, "hubspot": 2}
    assert set(tables.frames["reps"].rep_id.execute()) == set(tables.frames["meetings"].rep_id.execute())
    assert "unmatched-person" not in codes(tables)
    assert rate(tables, "connect_rate") == (4, 10)
    assert rate(tables, "show_rate") == (2, 4)


def test_an_id_map_joins_a_callers_name_to_hubspots_owner_number(tmp_path):
    people = (
        "rep_id,name,role,aircall,hubspot\nr1,Inès Moreau,sdr,Inès Moreau,70\nr2,Paul Witczak,sdr,Paul Witczak,71\n"
    )
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    meetings = {"meetings": clouds.hubspot_records()["meetings"]}
    tables = read(tmp_path, {**tools.aircall(), **meetings}, "aircall,hubspot")
    assert set(tables.frames["reps"].rep_id.execute()) == {"r1", "r2"}
    assert set(tables.frames["meetings"].rep_id.execute()) == {"r1", "r2"}
    assert "unmatched-person" not in codes(tables)


def test_whoever_calls_under_another_name_is_listed_and_joined_by_one_line(tmp_path):
    tables = both(tmp_path / "a", caller="I. Moreau")
    problem = codes(tables)["unmatched-person"]
    assert (problem.rows, rows(tables)["reps"]) == (2, 3)
    head, *people = problem.values["line"].splitlines()
    assert {line.split(",")[0] for line in people} == {"I. Moreau", "Inès Moreau"}
    by_tool = dict.fromkeys(head.split(","), "") | {"rep_id": "r1", "name": "Inès Moreau", "role": "sdr"}
    by_tool |= {"aircall": "I. Moreau", "pipedrive": "Inès Moreau"}
    joined = both(tmp_path / "b", caller="I. Moreau", people=text([by_tool]))
    assert rows(joined)["reps"] == 2
    assert "unmatched-person" not in codes(joined)
    assert rate(joined, "connect_rate") == (4, 10)


# ---- picklists nobody foresaw --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "file", "title", "code"),
    [
        ("aircall", "aircall_calls_export_en", "answered", "unknown-label"),
        ("outreach", "call_dispositions", "name", "unknown-label"),
        ("salesloft", "calls", "disposition", "unknown-label"),
        ("freshsales", "sales_activity_outcomes", "name", "unknown-label"),
        ("freshsales", "sales_activity_types", "name", "unknown-word"),
        ("activecampaign", "deals", "status", "unknown-word"),
        ("copper", "activities", "type.name", "unselected-rows"),
        ("copper", "opportunities", "status", "unselected-rows"),
        ("lemlist", "activities", "type", "unselected-rows"),
        ("sales_navigator", "activities-2026", "activityType", "unselected-rows"),
    ],
)
def test_labels_nobody_foresaw_are_listed_with_the_line_to_add(tmp_path, tool, file, title, code):
    exports = getattr(tools, tool)()
    exports[file] = [{**row, title: "Zzz ?"} if number == 0 else row for number, row in enumerate(exports[file])]
    found = [p for p in read(tmp_path, exports).problems if p.code == code and "Zzz" in str((p.examples, p.values))]
    assert found
    if code == "unknown-label":
        assert "Zzz ?" in found[0].values["line"]
        assert "[activities.labels.outcome]" in found[0].values["line"] or "meetings" in found[0].values["line"]
