"""A page on paper: the only page that knows WeasyPrint. It fetches nothing, and equal pages give equal bytes."""

from __future__ import annotations

import hashlib
import logging
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from sdrlib.errors import UsageError
from sdrlib.publish.staging import whole

INSTALL = "pip install 'sdr-coaching-kit[pdf]'"
PANGO = (
    "Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; Fedora: dnf install pango; "
    "macOS: brew install pango; Windows: pacman -S mingw-w64-ucrt-x86_64-pango in MSYS2; conda: conda install pango"
)
OTHERWISE = "Or leave pdf out: the HTML prints the same from a browser."


def require() -> None:
    """Whether this machine can make a PDF, asked before anything is rendered.

    Raises:
        UsageError: WeasyPrint or the system library Pango is missing; says how to get it.
    """
    try:
        with redirect_stdout(StringIO()):  # WeasyPrint prints a banner before it raises
            import weasyprint  # noqa: F401
    except ModuleNotFoundError as error:
        raise UsageError(f"--format pdf: {error.name} is not installed ({INSTALL}). {OTHERWISE}") from None
    except OSError:
        raise UsageError(f"--format pdf: the system library Pango is not found ({PANGO}). {OTHERWISE}") from None


def write_pdf(html: str, path: Path) -> None:
    """The page as tagged PDF (PDF/UA-1), moved into place whole.

    Args:
        html: A whole page; whatever it would fetch, other than ``data:`` addresses, is left out.
        path: The file to write.

    Raises:
        UsageError: what it takes is missing.
    """
    require()
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # styles for screens are no news
    made = HTML(string=_inked(html), url_fetcher=URLFetcher(allowed_protocols={"data"}))
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    printed = made.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier)
    with whole(path) as partial:
        partial.write_bytes(printed)


# ---- drawings -----------------------------------------------------------------------------------------


def _inked(html: str) -> str:
    """WeasyPrint gives a drawing none of the page's styles: each is handed its own, in the colours of print."""
    css = html.partition("<style")[2].partition("</style>")[0]
    colours = dict(re.findall(r"--([a-z]+): (#\w+)", css.rpartition(":root {")[2].partition("}")[0]))
    rules = " ".join(re.findall(r"svg(?:\.\w+)? ([\w.]+ \{[^}]*\})", css))

    def style(tone: str) -> str:
        toned = rules.replace("var(--tone, var(--ink))", f"var(--{tone})")
        return "<style>" + re.sub(r"var\(--([a-z]+)\)", lambda m: colours.get(m[1], "#000"), toned) + "</style>"

    def drawn(markup: str, tone: str) -> str:
        return re.sub(r"<svg [^>]*>(?!<style>)", lambda m: m[0] + style(tone), markup)

    rows = re.sub(r'<tr class="v-(above|below)\b.*?</tr>', lambda m: drawn(m[0], m[1]), html, flags=re.DOTALL)
    return drawn(rows, "ink")
