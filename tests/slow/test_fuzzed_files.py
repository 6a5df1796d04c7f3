"""Mutated files of every format: each costs at most itself, whatever was done to it."""

import json
import random
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_containers import container, msg, xls
from made_documents import docx, paragraph, pdf, word_xml
from made_packages import drawn, package, pptx, rows, shape, xlsx

from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.documents.section import ReadFailure, ReadLimits
from vext_desktop.outcomes import Outcome

if TYPE_CHECKING:
    from vext_desktop.supervision.parent import ChildProcess

pytestmark = pytest.mark.slow

SEED = 20_261_128
SECONDS_PER_FORMAT = 6.0
MOST_FILES_PER_FORMAT = 400
STEP_LIMIT_S = 3.0
# What a file may do to the reader process; all else is an answer of a process that lives on.
COSTLY = {Outcome.TIME_LIMIT, Outcome.MEMORY_LIMIT, Outcome.PARSER_CRASHED}
PROSE = "The quick brown fox, größer 東京 <b>bold</b> & more.\n"
Make = Callable[[Path], bytes]


def _html(_path: Path) -> bytes:
    table = "<table><tr><th>a<th>b<tr><td>1<td>2</table><ul><li>x<li>y</ul>"
    return f"<!doctype html><title>t</title><h1>Head</h1><p>{PROSE * 5}{table}".encode()


def _docx(path: Path) -> bytes:
    table = f"<w:tbl><w:tr><w:tc>{paragraph('cell')}</w:tc></w:tr></w:tbl>"
    notes = {"footnotes": word_xml("footnotes", paragraph("note"))}
    return docx(path, (paragraph("text " * 50) + table) * 5, notes).read_bytes()


def _pptx(path: Path) -> bytes:
    notes = {"notes1.xml": ("notesSlide", drawn("p:notes", shape("notes")))}
    return pptx(path, [shape("Title", "title") + shape("text " * 20)] * 4, notes).read_bytes()


def _xlsx(path: Path) -> bytes:
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    sheets = {"One": rows(["Name", "Sum"], *[["tea", place] for place in range(50)]), "Two": ""}
    return xlsx(path, sheets, styles=styles, texts="<si><t>x</t></si>").read_bytes()


def _odt(path: Path) -> bytes:
    spaces = 'xmlns:o="o" xmlns:t="t" xmlns:b="b"'
    body = "<t:h>Head</t:h><t:p>text<t:s t:c='3'/><t:note><t:note-body><t:p>n</t:p></t:note-body>"
    body += "</t:note></t:p><b:table><b:table-row><b:table-cell b:number-columns-repeated='3'>"
    body += "<t:p>c</t:p></b:table-cell></b:table-row></b:table>"
    content = f"<o:document-content {spaces}><o:text>{body * 5}</o:text></o:document-content>"
    return package(path, {"content.xml": content, "styles.xml": "<o/>"}).read_bytes()


def _epub(path: Path) -> bytes:
    opf = '<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
    opf += '</manifest><spine><itemref idref="a"/></spine></package>'
    parts: dict[str, str | bytes] = {
        "META-INF/container.xml": '<c><rootfile full-path="b.opf"/></c>', "b.opf": opf,
        "a.xhtml": _html(path),
    }  # fmt: skip
    return package(path, parts).read_bytes()


def _eml(_path: Path) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Größe und Länge"
    message["From"] = "Änne <a@example.org>"
    message.set_content(PROSE * 5)
    message.add_alternative(_html(_path).decode(), subtype="html")
    message.add_attachment(b"x" * 99, maintype="image", subtype="png", filename="ü.png")
    return bytes(message)


def _mbox(path: Path) -> bytes:
    return (b"From a@b Tue Oct  1 12:34:56 2024\n" + _eml(path) + b"\n") * 3


def _msg(_path: Path) -> bytes:
    inner = {"__properties_version1.0": bytes(8), "__substg1.0_3701000D": msg({0x1000: "deep"})}
    packed = bytes(8) + b"LZFu" + bytes(4) + b"\0{\\rtf1 t\0ext more}"
    return container(msg({0x37: "s", 0x0C1A: "Ann"}, [inner], **{"__substg1.0_10090102": packed}))


def _xls(_path: Path) -> bytes:
    return xls({"One": [["Name", "Sum"], *[["tea", place] for place in range(50)]], "Two": []})


def _rtf(_path: Path) -> bytes:
    head = rb"{\rtf1\ansi{\fonttbl{\f0\fcharset128 A;}}{\stylesheet{\s1 heading 1;}}"
    row = rb"\trowd\pard\intbl a\cell b\cell\row\pard{\footnote n}\u8364?\'83A{\pict\bin3 }{}}"
    return head + (rb"\pard\s1 Head\par\pard text \'e9\par " + row) * 5 + b"}"


def _ipynb(_path: Path) -> bytes:
    cells = [{"cell_type": "markdown", "source": ["# Head\n"]},
             {"cell_type": "code", "source": "x", "outputs": [{"text": ["y"]}]}]  # fmt: skip
    return json.dumps({"cells": cells * 5}).encode()


MAKERS: dict[str, Make] = {
    ".pdf": lambda _path: pdf([["one", "two"], ["three"], []], {"Head": 1}),
    ".docx": _docx, ".pptx": _pptx, ".xlsx": _xlsx, ".odt": _odt, ".epub": _epub, ".html": _html,
    ".eml": _eml, ".mbox": _mbox, ".mht": _eml, ".msg": _msg, ".xls": _xls, ".rtf": _rtf,
    ".ipynb": _ipynb,
    ".txt": lambda _path: (PROSE * 20).encode(),
    ".md": lambda _path: ("# Head\n\n" + PROSE + "```\ncode\n```\n").encode() * 5,
    ".rst": lambda _path: ("Head\n====\n\n" + PROSE).encode() * 5,
    ".csv": lambda _path: b'a,b\n1,"x, y"\n' * 20,
    ".srt": lambda _path: b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 20,
    ".ass": lambda _path: b"Dialogue: 0,0:00:01.00,0:00:02.00,S,,0,0,0,,{\\i1}Hi\\Nyou\n" * 20,
}  # fmt: skip


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with some of it changed, moved, repeated, left out or cut off."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if not changed:
            break
        place = chance.randrange(len(changed))
        length = chance.choice((1, 1, 2, 4, 64, 512))
        piece = bytes(changed[place : place + length])
        kind = chance.randrange(7)
        if kind == 0:
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[place : place + length] = chance.randbytes(len(piece))
        elif kind == 2:
            changed[place : place + length] = b""
        elif kind == 3:
            changed[place:place] = piece * chance.choice((1, 2, 50))
        elif kind == 4:
            changed[place : place + length] = chance.choice((b"\0", b"\xff")) * len(piece)
        elif kind == 5:
            other = chance.randrange(len(changed))
            changed[other:other] = piece
        else:
            del changed[max(1, place) :]
    return bytes(changed)


def mutated_inside(content: bytes, chance: random.Random) -> bytes:
    """A package with one of its parts mutated: what reaches the parsers behind the archive."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        victim = chance.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, mutated(part, chance) if name == victim else part)
    return written.getvalue()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ReaderHost]:
    started: list[ChildProcess] = []
    host = ReaderHost(
        ReadLimits(10**7, 100, 10**6, 600_000_000),
        STEP_LIMIT_S,
        tmp_path / "reader.log",
        threading.Event(),
        on_started=started.append,
        on_ended=lambda: None,
    )
    yield host
    host.close()


@pytest.mark.parametrize("suffix", MAKERS)
def test_mutated_files_cost_at_most_themselves(
    tmp_path: Path, host: ReaderHost, suffix: str
) -> None:
    chance = random.Random(f"{SEED}{suffix}")
    original = MAKERS[suffix](tmp_path / f"original{suffix}")
    path = tmp_path / f"mutated{suffix}"
    path.write_bytes(original)
    assert any(host.read_sections(path)), "the file is good before it is mutated"
    outcomes = Counter[str]()
    reasons = set[str]()
    end = time.monotonic() + SECONDS_PER_FORMAT
    for number in range(MOST_FILES_PER_FORMAT):
        if time.monotonic() > end:
            break
        is_package = original.startswith(b"PK") and number % 2
        mutate = mutated_inside if is_package else mutated
        path.write_bytes(mutate(original, chance))
        begin = time.monotonic()
        try:
            for _ in host.read_sections(path):
                pass
            outcomes["read"] += 1
        except ReadFailure as failure:
            outcomes[failure.outcome] += 1
            reasons.add(failure.reason)
        # The next file is read although this one may have ended the process.
        assert time.monotonic() - begin < 12 * STEP_LIMIT_S, f"file {number}"
    path.write_bytes(original)
    assert any(host.read_sections(path)), "the reader goes on after all of them"
    print(suffix, dict(outcomes), sorted(reason for reason in reasons if "Error" in reason))
    assert all(reasons)
    assert not outcomes[Outcome.UNREADABLE], "damage is no question of permissions"
    costly = sum(outcomes[outcome] for outcome in COSTLY)
    assert costly <= outcomes.total() // 4
