"""Mailboxes: one mail after the other, however large the whole is."""

import re
from collections.abc import Iterator
from pathlib import Path

from vext_desktop.documents.readers.mail import message_sections
from vext_desktop.documents.section import ReadLimits, Section

# "From " and an address or a dash, then something with a time in it (RFC 4155).
_BEGIN = re.compile(rb"From \S.*\d\d?:\d\d")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LONGEST_LINE = 1 << 20


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield the sections of each mail; a mail is held in memory, the mailbox is not."""
    lines: list[bytes] = []
    is_blank = True
    with path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            if is_blank and _BEGIN.match(line):
                yield from _mail(lines, limits)
                lines = []
            else:
                lines.append(line)
            is_blank = line in {b"\n", b"\r\n"}
    yield from _mail(lines, limits)


def _mail(lines: list[bytes], limits: ReadLimits) -> Iterator[Section]:
    content = _QUOTED.sub(rb"\1", b"".join(lines))
    if content.strip():
        yield from message_sections(content, limits.max_depth)
