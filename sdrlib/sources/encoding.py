"""The bytes of a text file: SHA-256 and encoding, found in one pass; anything but UTF-8 is copied as UTF-8."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sdrlib.files import sha256

_CHUNK = 1 << 20
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_HIGH, _WHOLE = re.compile(rb"[\x80-\xff]"), re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Scan:
    """What the bytes say.

    Attributes:
        encoding: As Python names it; empty when the file is no text.
        damaged: The file is UTF-8 but for some bytes: read as anything else, its names would come out wrong.
        sha256: Of the bytes on disk.
        blank_lines: Whether an empty line stands above a filled one.
        empty: Nothing but white space and perhaps a mark of the encoding.
    """

    encoding: str
    damaged: bool
    sha256: str
    blank_lines: bool
    empty: bool


def hash_files(paths: tuple[Path, ...]) -> str:
    """SHA-256 of one file, or of the sorted hashes of several: names and order of parts do not matter."""
    hashes = sorted(map(sha256, paths))
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def scan(path: Path) -> Scan:
    """Find out how a file is encoded: UTF-8 is proved on every byte, what is no UTF-8 is taken as cp1252."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    start, is_utf8, nulls, gaps = b"", True, False, _Gaps()
    high = whole = 0
    for chunk in _chunks(path):
        start = start or chunk
        digest.update(chunk)
        gaps.look(chunk)
        nulls = nulls or b"\x00" in chunk
        if is_utf8 and not _decodes(decoder, chunk):
            is_utf8, high = False, len(_HIGH.findall(chunk))
            whole = sum(map(len, _WHOLE.findall(chunk)))
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    encoding = _encoding(start, is_utf8, nulls)
    marked = start.startswith(codecs.BOM_UTF8) and not is_utf8 and not nulls
    damaged = marked or (encoding == "cp1252" and (whole * 2 > high or not high))
    text = start.lstrip(b"\xef\xbb\xbf\xff\xfe")
    empty = len(start) < _CHUNK and not text.strip(b" \t\r\n\x00")
    return Scan(encoding, damaged, digest.hexdigest(), gaps.found or text[:1] in b"\r\n", empty)


def as_utf8(path: Path, encoding: str, target: Path) -> str:
    """Copy a file as UTF-8 without a mark.

    Returns:
        The first line with a letter outside ASCII, by which a reader can judge the guess; empty without one.

    Raises:
        UnicodeError: the bytes are not in that encoding either, or mean no letters.
    """
    sample = ""
    with path.open(encoding=encoding, newline="") as source, target.open("w", encoding="utf-8", newline="") as copy:
        while text := source.read(_CHUNK):
            if "\x00" in text:
                raise UnicodeError("null bytes")
            copy.write(text)
            sample = sample or next((line for line in text.splitlines() if not line.isascii()), "")
    return sample.strip()[:60]


class _Gaps:
    """Notices an empty line that is followed by more than empty lines."""

    def __init__(self) -> None:
        self.found = self._pending = False
        self._tail = b""

    def look(self, chunk: bytes) -> None:
        if self.found:
            return
        text = self._tail + chunk
        first = min((p for p in map(text.find, (b"\n\n", b"\n\r\n", b"\r\r")) if p >= 0), default=-1)
        rest = text if self._pending else text[first:] if first >= 0 else b""
        self.found = bool(rest.strip(b"\r\n"))
        self._pending = self._pending or first >= 0
        self._tail = chunk[-2:]


def _encoding(start: bytes, is_utf8: bool, nulls: bool) -> str:
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return name if name == "utf-16" or (is_utf8 and not nulls) else ""
    wide = start[:1000]
    if wide and wide.count(0) * 3 > len(wide):
        return "utf-16-le" if wide[1::2].count(0) > wide[::2].count(0) else "utf-16-be"
    if nulls or (not is_utf8 and _CONTROL.search(start)):
        return ""
    return "utf-8" if is_utf8 else "cp1252"


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
