"""How the bytes of a text file become characters; never guesses silently where bytes contradict a byte order mark."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from .refusal import refuse

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"PK\x03\x04", "an archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or one with a password"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3\x00", "a database"),
    (b"PAR1", "a Parquet file"),
)
_TEXT_CONTROLS = b"\t\n\r\f\x1a"
_CONTROLS = bytes(set(range(32)) - set(_TEXT_CONTROLS))
_CONTROL_SHARE = 0.05
_UTF16_SHARE = 0.3


def detect_encoding(path: Path) -> str:
    """Return the Python codec of a text file.

    A byte order mark decides; else UTF-8 if the whole file is, else Windows-1252, else Latin-1. Raises JobError when
    the file is empty or no text.
    """
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise refuse("empty", "The file is empty. Choose a file that has a header and at least one row of data.")
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None) or _utf16_without_mark(head)
    if marked:
        return _held_to(path, marked)
    _refuse_binary(head)
    return next(codec for codec in ("utf-8", "cp1252", "latin-1") if _decodes(path, codec))


def _held_to(path: Path, codec: str) -> str:
    if not _decodes(path, codec):
        message = f"The file says that it is {codec.removesuffix('-sig').upper()} text, but parts of it are not."
        raise refuse("undecodable", f"{message} Save it again as CSV UTF-8.", encoding=codec)
    return codec


def _utf16_without_mark(head: bytes) -> str | None:
    half = len(head) // 2 or 1
    if head[1::2].count(0) > _UTF16_SHARE * half and not head[::2].count(0):
        return "utf-16-le"
    if head[::2].count(0) > _UTF16_SHARE * half and not head[1::2].count(0):
        return "utf-16-be"
    return None


def _refuse_binary(head: bytes) -> None:
    found = next((name for mark, name in _SIGNATURES if head.startswith(mark)), None)
    if found is None:
        controls = len(head) - len(head.translate(None, _CONTROLS))
        if b"\x00" not in head and controls <= _CONTROL_SHARE * len(head):
            return
    what = found or "a binary file"
    raise refuse("binary", f"This is {what}, not a table as text. Save the table as CSV or .xlsx and try again.")


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)  # never final: a file cut off in the middle of a character is still that text
    except UnicodeError:
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
