"""Text out of documents and file names, made fit to be shown: always plain, never interpreted.

Documents are hostile input. Control characters can hide or reorder what stands around them, a
lone surrogate (an undecodable byte of a file name) is dropped silently by Qt, and Qt takes many
texts for HTML by itself where nobody says otherwise.
"""

import html
import os
import re
import unicodedata
from collections.abc import Iterable

from PySide6.QtCore import QDateTime, QLocale

Ranges = tuple[tuple[int, int], ...]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Control characters (C0, C1), bidirectional embeddings, overrides and isolates, interlinear
# annotations, the object replacement character, and the code points that QTextDocument keeps
# for itself as frame marks.
_HOSTILE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffc\ufdd0-\ufdef"
    "\ufffe\uffff\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def shown_line(text: str) -> str:
    """One line of plain text: every run of white space a space, every hostile character visible."""
    return _SPACES.sub(" ", _HOSTILE.sub(REPLACEMENT, text)).strip()


def shown_text(text: str) -> str:
    """Plain text of many lines; only line feeds end a line, hostile characters are visible."""
    return _HOSTILE.sub(REPLACEMENT, _LINE_ENDS.sub("\n", text))


def shown_marks(text: str, marks: Iterable[tuple[int, int]]) -> tuple[str, Ranges]:
    """`shown_line` of a text, and where its marked ranges stand after that.

    Args:
        text: As it is in the document.
        marks: Ranges of characters in `text`; what lies outside of it is cut off.
    """
    parts: list[str] = []
    new_position = [0]
    after_space = True
    for character in _HOSTILE.sub(REPLACEMENT, text):
        is_space = character.isspace()
        if not (is_space and after_space):
            parts.append(" " if is_space else character)
        after_space = is_space
        new_position.append(len(parts))
    line = "".join(parts).rstrip()
    moved = []
    for start, end in marks:
        first = min(new_position[max(0, min(start, len(text)))], len(line))
        last = min(new_position[max(0, min(end, len(text)))], len(line))
        if first < last:
            moved.append((first, last))
    return line, tuple(moved)


def shown_folder(path: str) -> str:
    """The folder of a file, with the user's own folder as `~`."""
    folder = os.path.dirname(path)  # noqa: PTH120 - pathlib would normalise what is shown
    home = os.path.expanduser("~")  # noqa: PTH111 - as above
    if folder == home or folder.startswith(home + os.sep):
        folder = "~" + folder.removeprefix(home)
    return shown_line(folder)


def shown_place(page: int | None, heading: str) -> str:
    """Where in its document a passage stands: "page 12 · Results"; empty when not known."""
    parts = [] if page is None else [f"page {page}"]
    if heading.strip():
        parts.append(shown_line(heading))
    return " · ".join(parts)


def shown_moment(seconds: float) -> str:
    """A moment, in s since 1970, as the user's system writes it."""
    moment = QDateTime.fromMSecsSinceEpoch(round(seconds * 1000))
    locale = QLocale()
    if locale.language() == QLocale.Language.C:  # no user's own: its short form is hard to read
        return moment.toString("yyyy-MM-dd HH:mm")
    return locale.toString(moment, QLocale.FormatType.ShortFormat)


def shown_tooltip(text: str) -> str:
    """A tool tip that shows this text as it stands (Qt shows tool tips as HTML if they look so)."""
    escaped = html.escape(shown_text(text)).replace("\n", "<br>")
    return f"<p style='white-space: pre-wrap'>{escaped}</p>" if escaped else ""


def reads_leftwards(text: str) -> bool:
    """Whether a text is of a script written from right to left, by its first letter."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((way != "L" for way in directions if way in {"L", "R", "AL"}), False)


def qt_ranges(text: str, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of characters as Qt counts them: (start, length) in UTF-16 code units.

    Args:
        text: Without lone surrogates, as the `shown_...` functions return it.
        ranges: In rising order.
    """
    found = []
    done, units = 0, 0
    for start, end in ranges:
        units += _utf16_length(text[done:start])
        length = _utf16_length(text[start:end])
        found.append((units, length))
        done, units = end, units + length
    return found


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
