"""The parts of a page: markup, tables, drawings, figures, and the index of a run."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from html import unescape
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import seaborn

from sdrlib.errors import Problem
from sdrlib.publish import drawings, figures, plots
from sdrlib.publish.first import first
from sdrlib.publish.index import write_index
from sdrlib.publish.markup import Markup, el
from sdrlib.publish.plots import canvas
from sdrlib.publish.tables import mix_table, path_table, table
from sdrlib.records import Focus, Rendered
from sdrlib.records.telling import label
from sdrlib.typography import NARROW
from sdrlib.words import Words
from tests.publish import example_briefs as examples
from tests.publish.test_pages import Page

EN, FR = Words("en"), Words("fr")


def test_text_is_escaped_and_markup_is_not():
    made = el("p", "<i>", el("b", "&"), None, title='"', hidden=True, id=None)
    assert made == '<p title="&quot;" hidden="True">&lt;i&gt;<b>&amp;</b></p>'
    assert isinstance(made, Markup)


def test_a_frame_becomes_a_table_that_may_be_published():
    frame = pd.DataFrame({"<who>": ["<b>", None], "n": [1.0, float("nan")]})
    html = table(frame, caption="A & B", show={"n": EN.count})._repr_html_()
    assert '<th scope="col" style="text-align:left">&lt;who&gt;</th>' in html
    assert '<th scope="row" style="text-align:left">&lt;b&gt;</th><td class="number">1</td>' in html
    assert html.count("—") == 2
    assert ">A &amp; B</caption>" in html


def test_the_path_shows_word_sign_and_class_for_each_verdict():
    html = path_table(examples.focused(), EN)
    assert 'class="v-below focus"' in html
    assert "▼</span> below" in html
    assert "▲</span> above" in html
    assert "out of reach at this pace" in html
    near = replace(examples.focused().findings["meeting_to_sao"], needed_trials=170.0, needed_weeks=9.0)
    brief = examples.focused()
    soon = replace(brief, findings={**brief.findings, "meeting_to_sao": near})
    assert "about 170 more meetings due" in path_table(soon, EN)
    assert (
        html.index("Calls per day") < html.index("Connect rate") < html.index("Show rate") < html.index("Bad contact")
    )


def test_own_rhythm_takes_the_place_of_a_verdict_on_volume_only():
    html = path_table(examples.own_rhythm(), EN)
    calls = html[html.index("Calls per day") :].split("</tr>")[0]
    assert "own rhythm" in calls
    assert "below" not in calls
    assert html.count("own rhythm") == 1


def test_the_bar_lies_on_one_scale_for_everybody():
    bar = drawings.interval_bar(examples.finding("connect_rate", ratio=1.0, low=0.5, high=2.0), EN)
    assert 'cx="75"' in bar
    assert "0% against colleagues, 95% interval −50% to +100%" in bar
    off = drawings.interval_bar(examples.finding("connect_rate", ratio=9.0, low=0.001, high=99.0), FR)
    assert 'cx="147"' in off
    assert f"intervalle à 95{NARROW}% de −100{NARROW}% à" in off


def test_weeks_without_trials_are_gaps():
    spark = drawings.sparkline(examples.weeks("connect_rate"), 0.08, "connect_rate", EN)
    assert spark.count("<polyline") == 2
    assert "12 weeks between" in spark
    assert drawings.sparkline((), 0.08, "connect_rate", EN) is None


def test_the_mix_shows_only_what_differs_by_ten_points():
    html = mix_table(examples.brief(), FR)
    assert "Canal · appels" in html
    assert "Heure · 9 h" in html
    assert "Heure · 11 h" not in html
    assert mix_table(replace(examples.brief(), mix={}), FR) is None


def drawn(picture):
    """The texts of a figure."""
    assert picture.kind == "image/svg+xml"
    return [unescape(text) for text in re.findall(r"<text [^>]*>([^<]*)</text>", picture.image.decode())]


def test_the_figure_of_the_mix_is_about_what_differs_most_and_says_its_numbers():
    shown = figures.mix(examples.focused(), EN)
    assert shown.alt == (
        "Shares of the activity of Zoé Martin by hour, those of all colleagues in brackets: "
        "9:00 30% (14%), 11:00 40% (44%), 16:00 30% (42%)."
    )
    assert "A difference, not a cause" in shown.caption
    assert {"9:00", "16:00", "30%", "14%", "Zoé Martin", "Share of activity"} <= set(drawn(shown))


def test_the_mix_of_many_lists_shows_the_largest_in_the_colleagues_order():
    lists = {f"List {i:02}": (0.02 * (i % 3), 0.001 * i) for i in range(40)} | {"Mine": (0.5, 0.1)}
    told = figures.mix(replace(examples.brief(), mix={"list": lists}), EN).alt
    assert told.count("%)") == figures.LEVELS_AT_MOST
    assert "by list" in told
    assert told.index("Mine 50% (10%)") < told.index("List ")


def test_a_mix_like_the_colleagues_makes_no_figure():
    made = replace(examples.brief(), mix={"channel": {"call": (0.6, 0.55), "email": (0.4, 0.45)}})
    assert figures.mix(made, EN).html == ""
    assert figures.mix(replace(made, mix={}), EN).html == ""


def test_funnel_limits_are_those_of_rare_events():
    limits = plots.funnel_limits([4.0, 100.0])
    assert (np.diff(limits, axis=1) > 0).all()
    assert limits[1, 1:3] == pytest.approx([1 - 1.96 / 10, 1 + 1.96 / 10], abs=0.02)
    assert limits[0, 0] == 0


def test_the_position_says_where_the_rep_stands_without_naming_anybody_else():
    shown = figures.position(examples.focused(), EN)
    assert shown.alt.startswith(
        "Funnel plot of “Conversation → meeting”: Zoé Martin lies at −43% with 28 expected events"
    )
    assert "of 23 colleagues lie inside the 95% limits" in shown.alt
    assert {"Zoé Martin", "Expected events", "−50%", "+50%"} <= set(drawn(shown))
    data = shown._repr_mimebundle_()
    assert data["text/plain"] == shown.alt
    assert Page(data["text/html"]).all("img")[0]["alt"] == shown.alt
    assert "<h3>Conversation → meeting: −43%, established below colleagues</h3>" in data["text/html"]
    assert not {"image/png", "image/svg+xml"} & set(data), "Lab shows a bare image without its words"


def test_the_trend_says_its_weeks_and_when_coaching_was():
    shown = figures.trend(examples.focused(), FR)
    assert "de la semaine 28 de 2026 à la semaine 40 de 2026" in shown.alt
    assert "Coaching : jeudi 27 août 2026." in shown.alt.replace(NARROW, " ")


def test_a_week_outside_its_limits_is_named():
    made = examples.focused()
    weeks = [replace(w, successes=2.0, trials=34.0) for w in made.weeks["connect_to_meeting"]]
    weeks[4] = replace(weeks[4], successes=33.0)
    shown = figures.trend(replace(made, weeks={"connect_to_meeting": tuple(weeks)}), EN)
    assert "Outside the limits: week 32, 2026." in shown.alt


def test_few_weeks_or_few_colleagues_make_no_figure():
    made = examples.focused()
    assert "Fewer than four weeks" in figures.trend(replace(made, weeks={}), EN).text
    assert "Fewer colleagues" in figures.position(replace(made, band={}), EN).text


def test_figures_are_the_same_to_the_byte_and_speak_the_language():
    first, again = (figures.position(examples.focused(), FR).image for _ in range(2))
    assert first == again
    assert first != figures.position(examples.focused(), EN).image


def test_a_hostile_name_is_drawn_as_it_is():
    shown = figures.position(examples.hostile(), EN)
    assert label(examples.hostile().person.name, canvas.NAMED) in drawn(shown)
    assert not re.search(rb"<(script|image|a|foreignObject)\b|\bon[a-z]+=|href=\"(?!#)", shown.image)


def test_a_figure_follows_the_screen_into_the_dark_and_every_colour_with_it():
    svg = figures.position(examples.focused(), EN).image.decode()
    body = svg.partition("</style>")[2]
    used = set(re.findall(r"(fill|stroke): (#[0-9a-f]{6})", body))
    assert len(used) > 6
    for what, colour in used:
        assert f'[style*="{what}: {colour}"]{{{what}:{canvas.DARK[colour]}!important}}' in svg


def test_what_an_analyst_draws_keeps_its_own_colours_and_many_marks_become_an_image(monkeypatch):
    import matplotlib.pyplot as plt

    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    for marks in (10, 5_000):
        fig, axes = plt.subplots()
        axes.plot(np.arange(marks), np.arange(marks) % 7, "o", color="red")
        plots.show(fig, alt="Dots of a test.")
        assert not plt.fignum_exists(fig.number)
    few, many = shown
    assert few.kind == "image/svg+xml"
    assert b"prefers-color-scheme" not in few.image
    assert many.kind == "image/png"
    assert len(many.image) < canvas.HEAVY


def test_the_grid_is_seaborns():
    """Its few values are written out, since the library takes a second to import."""
    theirs = seaborn.axes_style("whitegrid", rc={"grid.color": canvas.GRID})
    with canvas.canvas():
        drawn_with = mpl.rcParams.copy()
    ours = {"axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "font.family", "font.sans-serif"}
    drawn = theirs.keys() - ours - {"image.cmap", "patch.edgecolor"}
    assert mpl.colors.same_color(drawn_with["patch.edgecolor"], theirs["patch.edgecolor"])
    assert {name: drawn_with[name] for name in drawn} == {name: theirs[name] for name in drawn}


def test_a_page_is_drawn_without_the_libraries_that_take_a_second_to_import():
    code = (
        "import sys, sdrlib.publish.ready, sdrlib.publish.report; "
        "from sdrlib.publish.plots import funnel_limits; funnel_limits([30]); "
        "print(sorted({'pandas', 'seaborn', 'scipy.stats', 'ibis', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_figure_without_words_is_refused():
    from matplotlib.figure import Figure

    with pytest.raises(ValueError, match="alternative text"):
        plots.picture(Figure(), alt=" ")


# ---- the index --------------------------------------------------------------------------------------


PEOPLE = pd.DataFrame({"rep_id": ["a", "b", "c", "d"], "team": ["Nord", "Sud", "Sud", None]})


def index(tmp_path, language="en", beside=(), **facts):
    evil = "<script>alert(1)</script>"
    rendered = []
    for rep, name, state in (("b", "zoé", "ok"), ("a", "Zed", "ok"), ("c", "Élodie", "failed"), ("d", evil, "ok")):
        path = tmp_path / f"{rep} #1{'.failed.ipynb' if state == 'failed' else '.html'}"
        path.touch()
        error = "cell 4: ValueError: <x>" if state == "failed" else ""
        files = () if error else (path, path.with_suffix(".pdf"), path.with_suffix(".ipynb"), path.with_suffix(".json"))
        rendered.append(Rendered(rep, name, state, path, 1.0, error, files=files))
    own = tmp_path / "own.html"
    rendered.append(Rendered("b", "zoé", "ok", own, 1.0, audience="rep", files=(own,)))
    advice = [
        replace(
            examples.advice(
                focus=Focus("connect_to_meeting", "x", "skill", 1.0, "accepted", False), keep=("reply_rate",)
            ),
            rep_id="b",
        ),
        replace(examples.advice(list_issues=("connect_rate",), own_rhythm=True), rep_id="a"),
    ]
    evidence = SimpleNamespace(facts=examples.facts(**facts), counts=SimpleNamespace(reps=PEOPLE))
    made = write_index(evidence, advice, [*rendered, *beside], tmp_path, language=language)
    return made.read_text(encoding="utf-8")


def test_failures_come_first_and_the_rest_in_alphabetical_order(tmp_path):
    html = index(tmp_path)
    spots = [html.index(said) for said in ("1 report failed", "Élodie", "To talk about this week", "<tbody")]
    assert spots == sorted(spots)
    rows = html[spots[-1] :]
    assert rows.index(">Zed<") < rows.index(">zoé<")
    assert "cell 4: ValueError: &lt;x&gt;" in html


def test_the_index_tells_focus_strengths_lists_and_links(tmp_path):
    html = index(tmp_path).partition("<tbody")[2]
    row = html[html.index("b%20") - 20 :].split("</tr>")[0]
    assert 'href="b%20%231.html"' in row
    assert 'href="b%20%231.ipynb"' in row
    assert 'aria-label="zoé, manager’s copy, PDF">PDF</a>' in row
    assert "b%20%231.json" not in row
    assert html.count(">zoé<") == 1, "the two copies of one rep share a row"
    assert row.index("manager’s copy") < row.index("rep’s copy") < row.index('href="own.html"')
    assert "Conversation → meeting" in row
    assert "Reply rate" in row
    other = html[html.index(">Zed<") :].split("</tr>")[0]
    assert "for the manager, lists: Connect rate" in other
    assert "own rhythm" in other


@pytest.mark.parametrize(
    ("language", "talk", "lists"),
    [
        ("en", "To talk about this week: zoé (Conversation → meeting)", "Lists for you to look at: Zed (Connect rate)"),
        ("fr", "À voir en tête-à-tête cette semaine : zoé (Taux entretien → RDV)",
         "Listes à regarder de votre côté : Zed (Taux de décroché)"),
    ],
)  # fmt: skip
def test_the_index_opens_with_whom_to_see_about_what(tmp_path, language, talk, lists):
    lead = re.search(r'<div class="lead">(.*?)</div>', index(tmp_path, language))[1]
    told = [re.sub(r"<[^>]+>", "", p).replace(NARROW, " ") for p in lead.split("</p>")]
    assert told == [talk, lists, ""]
    assert 'href="b%20%231.html"' in lead


def test_of_many_people_the_index_names_some_and_of_none_it_says_so():
    people = [Rendered(f"r{i:02}", f"Person {i:02}", "ok", None, 1.0) for i in range(12)]
    focused = examples.advice(focus=Focus("connect_to_meeting", "x", "skill", 1.0, "accepted", False))
    told = first(people, {p.rep_id: focused for p in people}, lambda r, _: r.name, EN)
    assert told.count("Person") == 8
    assert " · and 4 more, listed below" in told
    quiet = first(people, {p.rep_id: examples.advice() for p in people}, lambda r, _: r.name, EN)
    assert "No gap is established for any of the 12 people this period" in quiet
    assert first([], {}, lambda r, _: r.name, EN) is None


def test_the_index_is_safe_static_and_speaks_french(tmp_path):
    html = index(tmp_path, "fr", problems=(Problem("ambiguous-file", "<t>", values={"files": "<f>"}),))
    assert "<script" not in html
    assert '<html lang="fr">' in html
    assert "1 rapport a échoué" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "&lt;f&gt;" in html
    assert "3f9a1c3f9a1c" in html


def test_the_index_is_the_same_whatever_the_order(tmp_path):
    assert index(tmp_path) == index(tmp_path)


def test_the_report_of_each_situation_names_its_drill_or_says_nothing_is_established():
    from sdrlib.publish.report import Report

    assert "Ask for the meeting" in Report(examples.focused()).focus().html
    assert "No gap is established" in Report(examples.brief()).focus().html
    assert "No gap is established" in Report(examples.unsettled()).focus().html
    few = examples.findings(connect_to_meeting={"verdict": "too_little_data"})
    assert "too little data" in Report(replace(examples.unsettled(), findings=few)).focus().html
    assert "For the manager: " in Report(examples.list_issue()).focus().html
    gone = replace(examples.focused().advice.focus, drill="of another kit")
    assert "Conversation → meeting" in Report(examples.brief(advice=examples.advice(focus=gone))).focus().html
    assert date(2026, 10, 4) == examples.facts().window.end


def test_no_character_turns_the_direction_of_a_page():
    turned = el("p", "Zoé\u202e drah", title="\u2066x\u2069")
    assert turned == '<p title="x">Zoé drah</p>'
