"""In JupyterLab as ``sdr lab`` opens it: quiet, readable in both themes, figures with words, a report from the menu."""

import html
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from sdrlib.publish.export import CoachingExporter
from tests.browser.pages import rep, team
from tests.publish.quick_pages import notebook

KIT = Path(__file__).parents[2]
TRUSTED, UNTRUSTED = "rep.ipynb", "mailed.ipynb"
COMMITTED = ("01_data_quality.ipynb", "03_rate_differences.ipynb")
SHOWN = (TRUSTED, "team.ipynb", *COMMITTED)
FOLDERS = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR",
           "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")  # fmt: skip
SECONDS = 90

CONTRASTS = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgba = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const ground = e => { for (; e; e = e.parentElement) {
        const colour = rgba(getComputedStyle(e).backgroundColor); if (colour[3] === 255) return colour;
    } };
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(
        v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    ).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const out = [], areas = [...document.querySelectorAll('.jp-OutputArea-output')];
    for (const area of areas) {
        const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const text = walker.currentNode.textContent.trim(), e = walker.currentNode.parentElement;
            if (!text || !e.checkVisibility() || e.closest('svg, script, style')) continue;
            const [a, b] = [light(rgba(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => x - y);
            out.push([text.slice(0, 60), Math.round(100 * (b + 0.05) / (a + 0.05)) / 100]);
        }
    }
    return out;
}"""


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """``sdr lab`` on copies of the notebooks, with nothing of this machine's own Jupyter."""
    root = tmp_path_factory.mktemp("lab")
    env = os.environ | {name: str(root / name) for name in FOLDERS} | {"PYTHONPATH": str(KIT)}
    for name in (*FOLDERS, "notebooks"):
        (root / name).mkdir()
    whole = root / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    whole.parent.mkdir(parents=True)
    whole.write_text('{"windowingMode": "none"}')  # cells out of sight are on the page too
    _fill(root / "notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = ["--no-browser", "--allow-root", f"--port={port}", f"--IdentityProvider.token={token}",
               f"--notebook-dir={root / 'notebooks'}"]  # fmt: skip
    command = [sys.executable, "-m", "sdrlib", "lab", *options]
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(f"http://127.0.0.1:{port}/api?token={token}", process, root / "log")
            yield Lab(root, f"http://127.0.0.1:{port}", token)
        finally:
            _stop(process)


def _stop(process):
    """The command, Lab and its kernels; whoever has not gone by itself in time is ended."""
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(SECONDS)
    for _ in range(100):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)


def _fill(folder):
    """The committed notebooks as they are, and the two templates as they are after a run."""
    for name in COMMITTED:
        shutil.copy(KIT / "notebooks" / name, folder)
    for name, brief in ((TRUSTED, rep("focused")), (UNTRUSTED, rep("focused")), ("team.ipynb", team())):
        node = notebook(brief, "en")
        node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        node.metadata["sdr"]["trusted"] = name == TRUSTED  # another signature
        nbformat.write(node, folder / name)
    NotebookNotary(data_dir=str(folder.parent / "JUPYTER_DATA_DIR")).sign(nbformat.read(folder / TRUSTED, as_version=4))


def _wait(address, process, log):
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            return urlopen(address).close()  # noqa: S310 - our own server
        except URLError:
            time.sleep(0.2)
    raise AssertionError(f"Lab did not start:\n{log.read_text(encoding='utf-8')}")


class Lab:
    """A running Lab and how to look at it."""

    def __init__(self, root, address, token):
        self.root, self.address, self.token = root, address, token

    def read(self, name):
        return nbformat.read(self.root / "notebooks" / name, as_version=4)

    def open(self, opened, name):
        page = opened("about:blank")
        page.set_default_timeout(1000 * SECONDS)
        page.goto(f"{self.address}/lab/tree/{name}?token={self.token}&reset")
        cells = sum(bool(c.get("outputs")) for c in self.read(name).cells)
        page.wait_for_function("n => document.querySelectorAll('.jp-OutputArea-output').length >= n", arg=cells)
        return page


def turn(page, theme):
    """Another theme, by the menu."""
    page.click(".lm-MenuBar-item:has-text('Settings')")
    page.hover(".lm-Menu-item:has-text('Theme')")
    page.click(f".lm-Menu-item:has(:text-is('JupyterLab {theme}'))")
    page.wait_for_selector(f"body[data-jp-theme-name='JupyterLab {theme}']", state="attached")


@pytest.mark.parametrize("name", SHOWN)
def test_every_text_that_a_notebook_shows_can_be_read_in_both_themes(lab, opened, name):
    page = lab.open(opened, name)
    for theme in ("Light", "Dark"):
        turn(page, theme)
        told = page.evaluate(CONTRASTS)
        assert len(told) > 40
        assert [line for line in told if line[1] < 4.5] == [], theme
        fills = page.evaluate("""[...document.querySelectorAll('.jp-OutputArea-output svg circle')].map(
            c => [getComputedStyle(c).fill, getComputedStyle(c.closest('td')).color])""")
        assert (len(fills) > 20) is (name == TRUSTED)
        assert all(fill == text for fill, text in fills), "drawings are filled in the colour of the text"


@pytest.mark.parametrize("name", [TRUSTED, UNTRUSTED])
def test_figures_and_drawings_keep_their_words_trusted_or_not(lab, opened, name):
    """Lab shows a bare image without them, and takes drawings out of a notebook that was not run here."""
    alts = [html.unescape(alt) for c in lab.read(name).cells for alt in re.findall(r'alt="([^"]+)"', str(c.outputs))]
    page = lab.open(opened, name)
    images = page.evaluate("[...document.querySelectorAll('.jp-OutputArea-output img')].map(i => [i.alt, i.width])")
    assert [alt for alt, _ in images] == alts
    assert len(alts) == 4
    assert all(width > 400 for _, width in images)
    assert page.locator(".jp-OutputArea-output figcaption").count() == 4
    drawn = page.locator(".jp-OutputArea-output svg").count()
    assert (drawn > 20) is (name == TRUSTED)
    assert "95% interval −" in page.locator(".jp-OutputArea-output .gap").first.text_content()


def test_the_menu_exports_the_managers_page(lab, opened):
    page = lab.open(opened, TRUSTED)
    got = []

    def keep(download):
        got.append(download)

    page.on("download", keep)
    page.context.on("page", lambda window: window.on("download", keep))
    until = time.monotonic() + SECONDS
    entry = page.locator(".lm-Menu-item:has(:text-is('Coaching'))")
    while not entry.is_visible() and time.monotonic() < until:  # Lab asks its server for the list after it has opened
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.click(".lm-MenuBar-item:has-text('File')")
        page.hover(".lm-Menu-item:has-text('Save and Export Notebook As')")
        page.wait_for_timeout(1000)
    entry.click()
    while not got and time.monotonic() < until:
        page.wait_for_timeout(200)
    made = Path(got[0].path()).read_text(encoding="utf-8")
    assert made == CoachingExporter().from_notebook_node(lab.read(TRUSTED))[0]
    assert "<title>Zoé Martin: coaching report" in made
    assert "manager’s copy" in made
    assert "report.headline" not in made, "no cell's code"


OTHERS = ("is not trusted", r"GET /api/kernels/\S+/channels", r"ServerApp\] {$")
"""A notebook of somebody's; a page that was closed while its socket was opened, which Jupyter's server takes ill."""


def test_lab_and_its_kernels_say_nothing_that_worries(lab, opened):
    """The last of the file: what was said while all the others ran, too."""
    lab.open(opened, "team.ipynb").wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    log = (lab.root / "log").read_text(encoding="utf-8")
    said = [line for line in log.splitlines() if re.match(r"\[[WE] ", line) or "WARNING" in line]
    assert [line for line in said if not any(re.search(other, line) for other in OTHERS)] == []
    assert "Kernel started" in log
    assert "encryption" not in log
