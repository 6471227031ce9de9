"""List or skill: the same gap with lists, segments and hours alike; each reading known beforehand."""

from dataclasses import replace

import pandas as pd
import pytest

from sdrlib.coaching import coach
from sdrlib.knowledge import LANGUAGES
from sdrlib.questions.conversion import compare
from sdrlib.questions.list_or_skill import list_or_skill
from sdrlib.words import Words
from tests.questions.test_conversion import counts
from tests.teams import settings

HOSTILE = "<script>alert(1)</script>{0} **x**"


def evidence(rows, measure="connect_rate", extra=()):
    """Evidence from (rep, list, segment, hour, trials, successes); what is extra has its own measure first."""
    told = [(rep, measure, *rest) for rep, *rest in rows] + [(rep, m, *rest) for m, rep, *rest in extra]
    made = counts([(rep, m, name, n, x) for rep, m, name, _, _, n, x in told])
    cells = made.cells.groupby([c for c in made.cells if c not in {"trials", "successes"}], as_index=False).sum()
    strata = pd.DataFrame(
        [
            {"rep_id": rep, "measure": m, "list": name, "channel": "call", "tenure": "180+",
             "prospect_segment": segment, "hour": hour, "trials": float(n), "successes": float(x)}
            for rep, m, name, segment, hour, n, x in told
        ]
    )  # fmt: skip
    return compare(replace(made, cells=cells, strata=strata), settings())


def reading(found, rep="r0", measure="connect_rate"):
    return next(r for r in list_or_skill(found).readings if (r.rep_id, r.measure) == (rep, measure))


def spread(rep, rates, *, lists=("warm", "cold"), hours=(9, 15), trials=600):
    """One rep on every list and hour at a rate by hour; segments follow the lists' first letter."""
    return [(rep, name, name[0], h, trials, round(trials * rates[h])) for name in lists for h in hours]


EVEN = {9: 0.10, 15: 0.10}


def ordinary(number=5, rates=EVEN, **more):
    return [row for i in range(1, number + 1) for row in spread(f"r{i}", rates, **more)]


def test_a_gap_that_goes_with_the_list_is_the_lists():
    rows = [(f"r{i}", "bad", "smb", 9, 2000, 60) for i in (0, 1)]
    rows += [(f"r{i}", "good", "smb", 9, 2000, 200) for i in (2, 3, 4)]
    rows += [(f"r{i}", "bad", "smb", 9, 500, 15) for i in (2, 3)]
    found = evidence(rows)
    r0 = reading(found)
    assert r0.meaning == "list"
    assert r0.of("list").gone
    assert {r.rep_id for r in list_or_skill(found).gaps} == {
        a.rep_id for a in coach(found, settings()) if a.list_issues
    }


def test_a_gap_that_stays_with_everything_alike_is_a_skill():
    r0 = reading(evidence([*spread("r0", {9: 0.05, 15: 0.05}), *ordinary()]))
    assert r0.meaning == "skill"
    assert [h.alike for h in r0.held] == ["pooled", "list", "segment", "hour", "all"]
    assert all(h.ratio == pytest.approx(0.5, abs=0.05) for h in r0.held)
    assert not any(h.gone for h in r0.held)


def test_a_gap_that_goes_with_the_hours_is_the_mix():
    """r0 is everybody's equal at every hour, and calls nearly always at the bad one."""
    rates = {9: 0.16, 15: 0.04}
    rows = [("r0", n, n[0], h, t, round(t * rates[h])) for n in ("warm", "cold") for h, t in ((9, 100), (15, 1500))]
    found = evidence([*rows, *ordinary(6, rates, trials=1500)])
    r0 = reading(found)
    assert found.of("r0")["connect_rate"].verdict == "below", "lists alone do not explain it"
    assert r0.meaning == "mix"
    assert r0.of("hour").ratio == pytest.approx(1, abs=0.1)
    assert r0.of("all").gone
    assert not r0.of("list").gone
    assert not r0.of("segment").gone


def test_where_nobody_names_a_list_it_cannot_be_told():
    rows = [*spread("r0", {9: 0.05, 15: 0.05}, lists=("unknown",)), *ordinary(lists=("unknown",))]
    r0 = reading(evidence([(rep, name, "unknown", 9, n, x) for rep, name, _, _, n, x in rows]))
    assert r0.meaning == "unclear"
    assert {h.alike: h.reason for h in r0.held} == {
        "pooled": "", "list": "unknown", "segment": "unknown", "hour": "one_level"
    }  # fmt: skip


def test_hours_of_ones_own_leave_nothing_to_compare_and_the_sentence_says_so():
    rows = [(rep, name, name[0], 9 + int(rep[1:]), n, x) for rep, name, _, _, n, x in ordinary()]
    rows += [("r0", name, name[0], 9, n, x) for _, name, _, _, n, x in spread("r0", {9: 0.05, 15: 0.05})]
    r0 = reading(evidence(rows))
    assert r0.meaning == "skill"
    assert {h.alike: h.reason for h in r0.held if h.reason} == {"hour": "not_separable", "all": "not_separable"}
    assert r0.of("hour").ratio is None
    assert "too little is left to compare" in r0.sentence(Words("en"))


def test_strata_with_a_handful_of_events_are_too_sparse_to_be_read():
    rows = [*spread("r0", {9: 0.05, 15: 0.05}), *ordinary()]
    sparse = evidence(rows)
    few = sparse.counts.strata.assign(trials=lambda t: t["trials"] / 200, successes=lambda t: t["successes"] / 200)
    r0 = reading(replace(sparse, counts=replace(sparse.counts, strata=few)))
    assert {h.reason for h in r0.held if h.alike in {"segment", "hour", "all"}} == {"too_sparse"}
    assert r0.meaning == "skill", "the verdict on the same lists stands"


def test_worse_contact_data_come_before_the_skill_of_calling():
    """r0 meets twice the dead numbers on the same lists; what that can make of the gap is said."""
    extra = [
        ("bad_contact_rate", *row) for row in [*spread("r0", {9: 0.12, 15: 0.12}), *ordinary(rates={9: 0.04, 15: 0.04})]
    ]
    found = evidence([*spread("r0", {9: 0.05, 15: 0.05}), *ordinary()], extra=extra)
    r0 = reading(found)
    assert r0.meaning == "list_quality"
    assert r0.contacts == (pytest.approx(0.12), pytest.approx(3, rel=0.1))
    assert "−8%" in r0.sentence(Words("en")), "88 good numbers of 100 where colleagues have 96"
    assert reading(found, measure="bad_contact_rate").meaning == "list_quality"


def test_bad_contacts_say_nothing_of_conversations():
    extra = [
        ("bad_contact_rate", *row) for row in [*spread("r0", {9: 0.12, 15: 0.12}), *ordinary(rates={9: 0.04, 15: 0.04})]
    ]
    found = evidence([*spread("r0", {9: 0.05, 15: 0.05}), *ordinary()], "connect_to_meeting", extra)
    assert reading(found, measure="connect_to_meeting").meaning == "skill"


def test_without_a_gap_there_is_nothing_to_read():
    found = list_or_skill(evidence(ordinary()))
    assert {r.meaning for r in found.readings} == {"no_gap"}
    assert found.gaps == ()
    assert {h.alike for r in found.readings for h in r.held} == {"pooled", "list"}


def test_the_verdicts_and_figures_of_the_comparison_are_not_touched():
    found = evidence([*spread("r0", {9: 0.05, 15: 0.05}), *ordinary()])
    finding, r0 = found.of("r0")["connect_rate"], reading(found)
    assert (r0.of("pooled").ratio, r0.of("list").ratio) == (finding.pooled_ratio, finding.ratio)
    assert (r0.of("list").low, r0.of("list").high) == (finding.low, finding.high)


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_lists_reach_no_sentence_and_reps_are_escaped(language):
    rows = [*spread("r0", {9: 0.05, 15: 0.05}, lists=(HOSTILE, "cold")), *ordinary(lists=(HOSTILE, "cold"))]
    found = list_or_skill(evidence([(rep.replace("r0", HOSTILE), *rest) for rep, *rest in rows]))
    assert [r.rep_id for r in found.gaps] == [HOSTILE]
    assert "script" not in found.gaps[0].sentence(Words(language))
    assert "<script>" not in found._repr_html_()
