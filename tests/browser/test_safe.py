"""A page opens anywhere and asks nobody anything: from a folder, a server, a mail; hostile text stays text."""

import shutil
from urllib.parse import unquote

import pytest

from tests.browser.test_accessible import PAGES
from tests.publish.example_briefs import HOSTILE

PLANTED = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"


def watched(page):
    """Requests, what the console says, and dialogs, from now on."""
    seen = {"requests": [], "console": [], "dialogs": []}
    page.on("request", lambda request: seen["requests"].append(request.url))
    page.on("console", lambda said: seen["console"].append(said.text))
    page.on("pageerror", lambda error: seen["console"].append(str(error)))
    page.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
    return seen


@pytest.mark.parametrize("name", PAGES)
def test_nothing_but_the_page_itself_is_asked_for(runs, served, opened, name):
    file, (address, asked) = runs("en").pages[name], served
    for where in (file.as_uri(), f"{address}this%20run/{file.name}"):
        page = opened("about:blank")
        seen = watched(page)
        page.goto(where, wait_until="networkidle")
        requests = [r for r in seen["requests"] if not r.startswith("data:")]
        assert (requests, seen["console"], seen["dialogs"]) == ([where], [], [])
    assert {unquote(path) for path in asked} <= {f"/this run/{f.name}" for f in runs("en").folder.iterdir()}


@pytest.mark.parametrize("name", ["hostile, rep", "hostile, manager", "index"])
def test_hostile_text_shows_as_text(runs, opened, name):
    page = opened(runs("en").pages[name])
    assert HOSTILE in page.inner_text("h1" if "hostile" in name else ".failures")
    assert page.locator("script").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


@pytest.mark.parametrize("name", ["focused, manager", "team", "index"])
def test_a_script_that_got_in_would_not_run(runs, opened, tmp_path, name):
    """Should a name ever slip through unescaped, the page's policy is the second lock; the first copy lacks it."""
    html = runs("en").pages[name].read_text(encoding="utf-8").replace("</main>", f"{PLANTED}</main>")
    copies = {"open": html.replace("Content-Security-Policy", "X-None"), "locked": html}
    titles = {}
    for kind, text in copies.items():
        file = tmp_path / f"{kind}.html"
        file.write_text(text, encoding="utf-8")
        page = opened(file)
        page.wait_for_timeout(100)
        titles[kind] = page.title()
    assert titles["open"] == "owned"
    assert titles["locked"] != "owned"


def test_every_link_of_the_index_opens_the_page_of_that_person(runs, served, opened):
    index, (address, _) = runs("en").pages["index"], served
    for where in (index.as_uri(), f"{address}this%20run/index.html"):
        page = opened(where)
        rows = page.evaluate("""[...document.querySelectorAll('.index tbody tr')].map(
            row => [row.querySelector('th a').innerText, [...row.querySelectorAll('a')].map(a => a.href)])""")
        assert len(rows) == 22
        for name, links in rows:
            assert links
            for link in set(links):
                page.goto(link, wait_until="domcontentloaded")
                assert page.inner_text("h1") == name
        page.goto(where)
        page.click("text=Team report")
        assert page.inner_text("h1") == "The team"
        page.goto(where)
        earlier = page.evaluate("[...document.querySelectorAll('.runs a')].map(a => a.href)")
        assert len(earlier) == 8
        for month, link in zip(range(8, 0, -1), earlier, strict=True):
            page.goto(link)
            assert page.title() == str(month)


def test_letters_lead_to_the_first_name(runs, opened):
    page = opened(runs("en").pages["index"])
    page.click(".letters >> text=Z")
    assert page.evaluate("document.querySelector(':target th').innerText").startswith("Zoé Martin")


@pytest.mark.parametrize(("name", "figures"), [("focused, rep", 4), ("team", 2)])
def test_one_file_alone_in_a_mail_still_shows_its_figures(runs, opened, tmp_path, name, figures):
    page = opened(shutil.copy(runs("fr").pages[name], tmp_path / "mailed.html"))
    assert len(page.evaluate("[...document.images].filter(i => i.complete && i.naturalWidth > 400)")) == figures
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "960px"
