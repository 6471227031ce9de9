"""A live pull brings every record once, goes on where it was killed, and asks for changes only afterwards."""

from contextlib import suppress
from datetime import UTC, datetime

import keyring
import pyarrow.parquet as pq
import pytest
from urllib3.util.retry import Retry

from sdrlib.errors import UsageError
from sdrlib.sources import pull as pulling
from sdrlib.sources.pull import TOOLS, Kind, Store, bring, kinds_of, pull
from sdrlib.sources.pull_hubspot import CONTACTS, HubSpot
from sdrlib.sources.pull_salesforce import Salesforce
from tests.sources.tool_servers import Records, hubspot, local_session, salesforce, serving

NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
LATER = datetime(2026, 10, 6, 6, tzinfo=UTC)
TOKEN = "pat-eu1-secret"  # noqa: S105 - what no output may show
CALLS = Kind("calls", ("hs_timestamp", "hs_call_disposition"), "hs_lastmodifieddate", contacts=True)
TASK = Kind("Task", ("OwnerId", "CallDisposition", "IsClosed"))
BUSY = (429, {"Retry-After": "0"}, {"status": "error", "message": "You have reached your secondly limit."})
PATIENCE = Retry(total=3, backoff_factor=0, status_forcelist=(429, 503), allowed_methods=None)


def call(ms=1_790_000_000_000, **more):
    return {"ms": ms, "hs_timestamp": "2026-10-01T08:00:00Z", "hs_call_disposition": "d1", **more}


@pytest.fixture
def portal():
    """Eleven calls, two of contacts, one in the bin."""
    calls = {str(n): call(contacts=["501", "502"] if n == 1 else ["503"] if n == 2 else []) for n in range(1, 12)}
    calls["4"]["archived"] = True
    return Records({"calls": calls})


@pytest.fixture
def source(portal):
    with serving(portal, hubspot) as base:
        yield HubSpot(TOKEN, host=base, patience=PATIENCE)


def rows_of(folder, kind="calls"):
    return {row[next(iter(row))]: row for row in pq.read_table(folder / f"{kind}.parquet").to_pylist()}


def test_every_page_is_read_and_the_bin_is_left_out(source, portal, tmp_path):
    """Pages of three; ids of contacts as an export writes them; fields under the names of the interface."""
    assert bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", NOW) == 10
    found = rows_of(tmp_path)
    assert set(found) == {str(n) for n in range(1, 12) if n != 4}
    assert [found[i][CONTACTS] for i in ("1", "2", "3")] == ["501;502", "503", None]
    assert list(found["1"]) == ["hs_object_id", *CALLS.fields, CONTACTS, "hs_lastmodifieddate"]
    assert portal.tokens == {f"Bearer {TOKEN}"}


def test_the_next_pull_asks_for_changes_only_and_knows_what_was_deleted(source, portal, tmp_path):
    bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", NOW)
    later = int(NOW.timestamp() * 1000)
    portal.kinds["calls"]["2"] |= {"ms": later, "hs_call_disposition": "d2"}
    portal.kinds["calls"]["12"] = call(later)
    portal.kinds["calls"]["3"]["archived"] = True
    portal.asked.clear()
    assert bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", LATER) == 10
    found = rows_of(tmp_path)
    assert found["2"]["hs_call_disposition"] == "d2"
    assert found["1"]["hs_call_disposition"] == "d1"
    assert "12" in found
    assert "3" not in found
    searches = [body for path, body in portal.asked if path.endswith("/search")]
    assert [f["propertyName"] for f in searches[0]["filterGroups"][0]["filters"]] == [
        "hs_object_id",
        "hs_lastmodifieddate",
    ]
    assert sum(path.endswith("/search") for path, _ in portal.asked) == 1


@pytest.mark.parametrize("pages", range(6))
@pytest.mark.parametrize("where", ["add", "note"])
def test_a_pull_killed_anywhere_goes_on_and_neither_loses_nor_doubles(
    source, portal, tmp_path, monkeypatch, pages, where
):
    """Killed after each page, before or after the note that it is there."""
    plain, left = getattr(Store, where), [pages]

    def die(self, *arguments):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return plain(self, *arguments)

    with monkeypatch.context() as killing:
        killing.setattr(Store, where, die)
        with suppress(KeyboardInterrupt):  # with so many pages left that it comes to its end, too
            bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", NOW)
    portal.asked.clear()
    assert bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", LATER) == 10
    assert pq.read_table(tmp_path / "calls.parquet").num_rows == len(rows_of(tmp_path)) == 10
    if where == "note" and 1 < pages < 5:
        first = next(body for path, body in portal.asked if path.endswith("/search"))
        assert int(first["filterGroups"][0]["filters"][0]["value"]) > 0, "began anew instead of going on"


def test_more_than_a_search_can_give_is_asked_for_above_the_last_id(portal, source, tmp_path, monkeypatch):
    monkeypatch.setattr("sdrlib.sources.pull_hubspot.MOST", 6)
    assert bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", NOW) == 10
    above = [b["filterGroups"][0]["filters"][0]["value"] for p, b in portal.asked if p.endswith("/search")]
    assert above == ["0", "0", "7", "7"]


def test_a_busy_server_is_asked_again_and_one_that_stays_busy_is_told(portal, source, tmp_path):
    portal.troubles += [BUSY] * 3
    assert bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", NOW) == 10
    portal.troubles += [BUSY] * 4
    with pytest.raises(UsageError, match="run the same command again later"):
        bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", LATER)


@pytest.mark.parametrize(("status", "advice"), [(401, "SDR_HUBSPOT_TOKEN"), (403, "scope"), (400, "again later")])
def test_a_refusal_says_what_to_do_and_no_token(portal, source, tmp_path, status, advice):
    portal.troubles += [(status, {}, {"status": "error", "message": "no, this is not allowed"})]
    with pytest.raises(UsageError, match=advice) as error:
        bring(source, Store.open(tmp_path, "hubspot"), CALLS, "", NOW)
    assert "no, this is not allowed" in str(error.value)
    assert TOKEN not in str(error.value)
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()]


def test_owners_are_read_whole_with_those_who_left(tmp_path):
    owner = {"email": "ana@example.org", "firstName": "Ana", "lastName": "Roy", "userId": 7}
    people = {str(n): {**owner, "id": str(n), "archived": n == 2} for n in (1, 2)}
    (owners,) = [kind for kind in kinds_of("hubspot", ()) if kind.name == "owners"]
    with serving(Records({"owners": people}), hubspot) as base:
        assert bring(HubSpot(TOKEN, host=base), Store.open(tmp_path, "hubspot"), owners, "", NOW) == 2
    assert [rows_of(tmp_path, "owners")[i]["archived"] for i in ("1", "2")] == ["False", "True"]


# ---- Salesforce -------------------------------------------------------------------------------------------------


def task(**more):
    return {
        "OwnerId": "005a",
        "CallDisposition": "",
        "IsClosed": True,
        "SystemModstamp": "2026-10-01T08:00:00Z",
        **more,
    }


@pytest.fixture
def organisation():
    tasks = {f"00T{n:015}": task(Id=f"00T{n:015}", IsDeleted=n == 3) for n in range(8)}
    return Records({"Task": tasks})


@pytest.fixture
def org(organisation):
    with serving(organisation, salesforce) as base:
        yield Salesforce("acme.my", "a-key", "a-secret", session=local_session(base))


def test_salesforce_is_read_page_by_page_and_then_by_changes(org, organisation, tmp_path):
    """nextRecordsUrl is followed; a task deleted or deleted later is gone; empty text is missing, not empty."""
    assert bring(org, Store.open(tmp_path, "salesforce"), TASK, "", NOW) == 7
    first = rows_of(tmp_path, "Task")["00T000000000000001"]
    assert first == {
        "Id": "00T000000000000001",
        "OwnerId": "005a",
        "CallDisposition": None,
        "IsClosed": "true",
        "SystemModstamp": "2026-10-01T08:00:00Z",
    }
    changed = organisation.kinds["Task"]["00T000000000000001"]
    changed |= {"IsDeleted": True, "SystemModstamp": "2026-10-05T07:00:00Z"}
    organisation.asked.clear()
    assert bring(org, Store.open(tmp_path, "salesforce"), TASK, "", LATER) == 6
    assert "SystemModstamp >= 2026-10-05T05:50:00Z" in organisation.asked[0][1]["q"][0]
    assert len(organisation.asked) == 1


def test_salesforce_goes_on_above_the_last_id(org, organisation, tmp_path):
    pages = org.pages(TASK, "", "")
    store = Store.open(tmp_path, "salesforce")
    store.add(TASK, "Id", next(pages), pulling.Progress(began="2026-10-05T05:50:00Z"))
    assert bring(org, Store.open(tmp_path, "salesforce"), TASK, "", NOW) == 7
    assert "Id > '00T000000000000002'" in organisation.asked[-2][1]["q"][0]


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", "tomorrow"),
        (400, "INVALID_FIELD", "--field"),
    ],
)
def test_what_salesforce_refuses_is_said_with_the_next_step(org, organisation, tmp_path, status, code, advice):
    organisation.troubles += [(status, {}, [{"errorCode": code, "message": "no"}])] * 5
    with pytest.raises(UsageError, match=advice) as error:
        bring(org, Store.open(tmp_path, "salesforce"), TASK, "", NOW)
    assert "a-secret" not in str(error.value)
    assert "a-session" not in str(error.value)


def test_a_session_that_ends_is_begun_again(org, organisation, tmp_path):
    organisation.troubles.append((401, {}, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}]))
    assert bring(org, Store.open(tmp_path, "salesforce"), TASK, "", NOW) == 7


def test_a_refused_login_names_the_variables():
    refusal = (400, {}, {"error": "invalid_client", "error_description": "invalid client credentials"})
    organisation = Records({})
    organisation.troubles.append(refusal)
    with serving(organisation, salesforce) as base, pytest.raises(UsageError, match="SDR_SALESFORCE_KEY") as error:
        Salesforce("acme.my", "a-key", "a-secret", session=local_session(base))
    assert "a-secret" not in str(error.value)


# ---- wrong use --------------------------------------------------------------------------------------------------


def test_a_folder_belongs_to_one_tool(tmp_path):
    Store.open(tmp_path, "hubspot").note("calls", pulling.Progress())
    with pytest.raises(UsageError, match="holds records of hubspot"):
        Store.open(tmp_path, "salesforce")


@pytest.mark.parametrize(
    ("tool", "fields"), [("pipedrive", ()), ("hubspot", ("no_such=x",)), ("salesforce", ("Task=a b",))]
)
def test_wrong_words_are_refused_with_the_allowed_ones(tool, fields):
    with pytest.raises(UsageError, match=r"Known: hubspot, salesforce|Kinds of"):
        kinds_of(tool, fields)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_missing_secret_is_said_by_name_and_an_own_field_is_asked_for(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(keyring, "get_password", lambda service, entry: None)
    for name in ("SDR_HUBSPOT_TOKEN", "SDR_SALESFORCE_DOMAIN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="keyring set sdr-coaching-kit SDR_"):
        pull(tool, tmp_path, now=NOW, say=print)
    kind = kinds_of(tool, ())[0].name
    assert kinds_of(tool, (f"{kind}=own__c",))[0].fields[-1] == "own__c"
