"""Pieces of HTML: escaped text, tables, whole pages."""

import html
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vext_desktop.memory.report_style import POLICY, STYLE

# Overrides and isolates of the bidirectional algorithm (Unicode Standard Annex 9) could make one
# name look like another.
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table that is not plain text.

    Attributes:
        text: What stands in it.
        is_number: Whether it is set to the right.
    """

    text: str
    is_number: bool = True


def escaped(text: object) -> str:
    """Any text as it is seen, in HTML: nothing in it is markup, nothing in it is hidden."""
    shown = "".join(map(_shown, str(text)))
    return html.escape(shown, quote=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Cell]], caption: str = "") -> str:
    """A table; a column is set to the right if its first cell is a number. "" without rows."""
    found = [list(row) for row in rows]
    if not found:
        return ""
    heads = []
    for place, column in enumerate(columns):
        first = found[0][place] if place < len(found[0]) else ""
        number = ' class="number"' if isinstance(first, Cell) and first.is_number else ""
        heads.append(f'<th scope="col"{number}>{escaped(column)}</th>')
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in found)
    above = f"<caption>{escaped(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table>{above}<thead><tr>{"".join(heads)}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>\n"
    )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f"<p{_class(kind)}>{escaped(text)}</p>\n" if text else ""


def section(title: str, *parts: str) -> str:
    """A section with a heading; "" if there is nothing in it."""
    inner = "".join(parts)
    return f"<section><h2>{escaped(title)}</h2>\n{inner}</section>\n" if inner else ""


def folded(summary: str, inner: str) -> str:
    """Something that is shown when it is asked for."""
    return f"<details><summary>{escaped(summary)}</summary>\n{inner}</details>\n" if inner else ""


def page(title: str, body: str) -> str:
    """A whole page in one file."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def megabytes(count: float | None) -> Cell:
    """Bytes as MB with one decimal; empty where they are not known."""
    return Cell("" if count is None else f"{count / 1e6:.1f}")


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, Cell):
        return f"<td{_class('number' if cell.is_number else '')}>{escaped(cell.text)}</td>"
    return f"<td>{escaped(cell)}</td>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _shown(character: str) -> str:
    if character in "\n\t":
        return character
    if unicodedata.category(character) in {"Cc", "Cs"} or character in _DIRECTION_MARKS:
        return "\N{REPLACEMENT CHARACTER}"
    return character
