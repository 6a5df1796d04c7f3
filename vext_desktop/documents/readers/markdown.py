"""Markdown: the text as it is written, under the headings that it sets."""

import re
from collections.abc import Iterator
from pathlib import Path

from vext_desktop.documents.readers.text import open_text
from vext_desktop.documents.section import PIECE_CHARACTERS, ReadLimits, Section

_ATX = re.compile(r" {0,3}#{1,6}(?:[ \t]+(?P<title>.*?))?(?:[ \t]+#+)?[ \t]*\n?\Z")
_SETEXT = re.compile(r" {0,3}(?:=+|-+)[ \t]*\n?\Z")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<rest>.*)")
# What cannot be the text of an underlined heading: lists, quotes, tables, code, rules.
_NO_TITLE = re.compile(r"\s*(?:[-*+>|]|\d+[.)])\s|\s*\||\s*\Z| {4}|\t")
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}")
_LONGEST_LINE = 4000
_LONGEST_FRONT_MATTER = 100
_LONGEST_HEADING = 200


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield a section for each heading, with its line; together they are the file's text."""
    with open_text(path, limits) as file:
        splitter = _Splitter()
        line = file.readline(_LONGEST_LINE)
        splitter.add(line)
        if line.strip() == "---":  # YAML ahead of the text; its closing line is no underline
            for _ in range(_LONGEST_FRONT_MATTER):
                line = file.readline(_LONGEST_LINE)
                splitter.hold(line)
                if line.strip() in {"---", "...", ""}:
                    break
        while line := file.readline(_LONGEST_LINE):
            splitter.add(line)
            yield from splitter.take_if_long()
        yield from splitter.take_rest()


class _Splitter:
    """Lines become sections that follow each other without a gap."""

    def __init__(self) -> None:
        self._heading = ""
        self._held: list[str] = []
        self._length = 0
        self._fence = ""
        self._continues = False
        self._finished: list[Section] = []

    def add(self, line: str) -> None:
        """Take the next line; it may begin a section, or name the one above it."""
        if self._fence or _FENCE.match(line):
            self._fence = _fence_after(self._fence, line)
        elif title := _ATX.match(line):
            self._begin(title["title"] or "")
        elif self._held and _SETEXT.match(line) and not _NO_TITLE.match(self._held[-1]):
            above = self._held.pop()
            self._begin(above)
            self.hold(above)
        self.hold(line)

    def hold(self, line: str) -> None:
        """Take the next line as text, whatever it looks like."""
        if line:
            self._held.append(line)
        self._length += len(line)

    def take_if_long(self) -> Iterator[Section]:
        """The sections that are complete, and a piece of the one in hand if it is long."""
        if self._length >= PIECE_CHARACTERS:
            self._cut()
        finished, self._finished = self._finished, []
        yield from finished

    def take_rest(self) -> Iterator[Section]:
        """All that is left."""
        self._cut()
        yield from self.take_if_long()

    def _begin(self, title: str) -> None:
        self._cut()
        self._heading = _plain(title)

    def _cut(self) -> None:
        if self._held:
            text = "".join(self._held)
            self._finished.append(Section(text, None, self._heading, self._continues))
            self._continues = True
        self._held, self._length = [], 0


def _fence_after(fence: str, line: str) -> str:
    """The code fence that is open after a line; empty if none is."""
    found = _FENCE.match(line)
    if not found:
        return fence
    if not fence:
        is_inline_code = found["fence"][0] == "`" and "`" in found["rest"]
        return "" if is_inline_code else found["fence"]
    closes = found["fence"].startswith(fence) and not found["rest"].strip()
    return "" if closes else fence


def _plain(title: str) -> str:
    """A heading without its markup."""
    return _MARKUP.sub(lambda found: found[1] or "", title).strip()[:_LONGEST_HEADING]
