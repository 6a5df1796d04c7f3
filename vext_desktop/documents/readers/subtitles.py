"""Subtitles: what is said, without times and styles; each section knows when it is said."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from vext_desktop.documents.readers.text import open_text
from vext_desktop.documents.section import ReadLimits, Section
from vext_desktop.documents.section_builder import SectionBuilder

_TIMES = re.compile(r"\s*((?:\d+:)?\d{1,3}:\d{2})(?:[.,]\d+)?\s*-->\s*[\d:.,]+")
_ASS_LINE = re.compile(r"(?:Dialogue|Comment):\s*(.*)", re.IGNORECASE)
_ASS_FIELDS = 10
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,100}>|<[\d:.]+>|\{\\?[^{}]{0,300}\}")
_BLOCKS = ("NOTE", "STYLE", "REGION", "WEBVTT")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "", "&rlm;": ""}
_LONGEST_LINE = 4000
# About half a passage: a passage then says within seconds when its words are spoken.
_SECTION_CHARACTERS = 500


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield what is said in stretches of about a minute; `heading` is when each begins."""
    with open_text(path, limits) as file:
        is_ass = path.suffix.lower() in {".ass", ".ssa"}
        cues = _ass_cues(file) if is_ass else _cues(file)
        sections = SectionBuilder()
        length = _SECTION_CHARACTERS
        last = ""
        for when, text in cues:
            if not text or text == last:  # some programs repeat a line as it scrolls
                continue
            if length >= _SECTION_CHARACTERS:
                sections.turn_to(None, when)
                length = 0
            sections.add(text, "\n")
            length += len(text)
            last = text
            yield from sections.take()
        yield from sections.take_rest()


def _cues(file: TextIO) -> Iterator[tuple[str, str]]:
    """Times and texts of SRT and WebVTT; text outside of cues is a note and read too."""
    when = ""
    is_block = is_apart = False
    is_after_blank = True
    before: str | None = None
    while line := file.readline(_LONGEST_LINE):
        if times := _TIMES.match(line):
            # A line of its own above a time is the cue's number or name.
            if before is not None and not (is_apart or before.isdigit()):
                yield when, _plain(before)
            when, before, is_block, is_after_blank = _clock(times[1]), None, False, False
            continue
        if before is not None:
            yield when, _plain(before)
        before = None
        text = line.strip().removeprefix("\ufeff")
        if not text:
            is_block = False
        elif text.split(maxsplit=1)[0] in _BLOCKS:
            is_block = not text.startswith("NOTE")
            if not is_block:
                yield when, text[4:].strip()
        elif not is_block:
            before, is_apart = text, is_after_blank
        is_after_blank = not text
    if before is not None:
        yield when, _plain(before)


def _ass_cues(file: TextIO) -> Iterator[tuple[str, str]]:
    while line := file.readline(_LONGEST_LINE):
        found = _ASS_LINE.match(line.strip())
        if found:
            fields = found[1].split(",", _ASS_FIELDS - 1)
            if len(fields) == _ASS_FIELDS:
                text = fields[-1].replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
                yield _clock(fields[1].strip().partition(".")[0]), _plain(text)


def _clock(time: str) -> str:
    """A time as hours, minutes and seconds."""
    parts = time.split(":")
    return ":".join(part.zfill(2) for part in ["0"] * (3 - len(parts)) + parts)


def _plain(text: str) -> str:
    text = _MARKUP.sub("", text)
    for entity, sign in _ENTITIES.items():
        text = text.replace(entity, sign)
    return text.strip()
