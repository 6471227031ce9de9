"""One Chromium for all tests of this folder. Without one they are skipped, or fail where ``SDR_TEST_ALL`` is set."""

import os
import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from threading import Thread

import pytest

from tests.browser.pages import publish

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
VIEWS = {
    "desktop": {"viewport": {"width": 1200, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "dark": {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"},
}


def found():
    """The browser that ``SDR_CHROMIUM`` names, or that PATH has."""
    return os.environ.get("SDR_CHROMIUM") or next((p for p in map(shutil.which, NAMES) if p), None)


def missing():
    """Why no test of this folder can run; empty when they can."""
    lacking = [name for name in ("playwright", "axe_playwright_python") if not find_spec(name)]
    if lacking:
        return f"{' and '.join(lacking)} not installed: pip install 'sdr-coaching-kit[browser]'"
    return "" if found() else "no Chromium: install it (Debian: apt install chromium), or name it in SDR_CHROMIUM"


@pytest.fixture(scope="session")
def chromium():
    if reason := missing():
        (pytest.fail if os.environ.get("SDR_TEST_ALL") else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium):
    """Open an address in a view; each test has contexts of its own, closed behind it."""
    contexts = []

    def at(address, view="desktop", **more):
        contexts.append(chromium.new_context(**{**VIEWS[view], **more}))
        page = contexts[-1].new_page()
        page.goto(address if isinstance(address, str) else address.as_uri())
        return page

    yield at
    for context in contexts:
        context.close()


def until(page, true):
    """Wait for an expression to be true, asked from outside: a page's policy lets nobody evaluate text within it."""
    for _ in range(100):
        if page.evaluate(true):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never true: {true}")


@pytest.fixture(scope="session")
def runs(chromium, tmp_path_factory):
    """Language -> a run that was published; made when first asked for, after it is known that a browser is there."""
    made = {}

    def run(language):
        if language not in made:
            made[language] = publish(tmp_path_factory.mktemp(language), language)
        return made[language]

    return run


@pytest.fixture(scope="session")
def served(runs):
    """The address of the folder of runs, and every path that was asked for."""
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_request(self, *_):
            asked.append(self.path)

    folder = runs("en").folder.parent
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", asked
    server.shutdown()
    server.server_close()
