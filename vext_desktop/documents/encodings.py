"""Which encoding a text is in: marks and declarations first, then evidence."""

import codecs
import re
from dataclasses import dataclass, field
from typing import BinaryIO

from charset_normalizer import from_bytes

from vext_desktop.documents.latin import is_latin, most_fitting_latin
from vext_desktop.documents.section import ReadFailure
from vext_desktop.outcomes import Outcome

HEAD_BYTES = 4096
_SCAN_BYTES = 64 << 20
_STEP_BYTES = 1 << 20
_SAMPLE_BYTES = 8000
# In UTF-8, UTF-16 and the East Asian encodings, no character takes more bytes than this.
_WIDEST_BYTES = 4
# UTF-32 before UTF-16: the little-endian mark of one begins like that of the other.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# "coding: latin-1" in the first two lines (PEP 263), or an XML declaration.
_DECLARED = re.compile(
    rb"\A(?:[^\n]*\n)?[^\n]*?\bcoding[:=][ \t]*([-\w.]+)"
    rb"|\A\s*<\?xml[^>]{0,80}encoding=[\"']([-\w.]+)"
)
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]|\x1b\(J")
_CONTROL = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")
_LINE_BEYOND_ASCII = re.compile(rb"[^\n]*[\x80-\xff][^\n]*\n?")
_NOT_FOR_FILES = frozenset({"unicode_escape", "raw_unicode_escape", "punycode", "idna", "utf-7"})
# What is declared or detected, and the larger set that is really written under that name
# (https://encoding.spec.whatwg.org/#names-and-labels).
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "cp950",
}


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """How to decode a file.

    Attributes:
        name: A codec that Python knows; for files with a byte order mark, one that removes it.
        least_characters: The file has no fewer characters than this.
    """

    name: str
    least_characters: int


def detect_encoding(file: BinaryIO, size_bytes: int, enough_characters: int) -> TextEncoding:
    """Find out how a text file is encoded, reading at most 64 MB of it.

    Args:
        file: Its bytes, from their beginning.
        size_bytes: How many there are, at least.
        enough_characters: Beyond this many, it does not matter any more.

    Raises:
        ReadFailure: UNSUPPORTED, when it holds no text in any encoding.
    """
    evidence = _Evidence()
    head = file.read(HEAD_BYTES)
    marked = marked_encoding(head)
    if marked:
        return TextEncoding(marked, size_bytes // _WIDEST_BYTES - 1)
    if is_binary(head):
        raise ReadFailure(
            Outcome.UNSUPPORTED, "It is named like a text file, but there is no text in it."
        )
    file.seek(0)
    while (
        evidence.is_open
        and evidence.seen_bytes < _SCAN_BYTES
        and evidence.characters <= enough_characters
    ):
        piece = file.read(_STEP_BYTES)
        if not piece:
            evidence.add(b"", is_last=True)
            break
        evidence.add(piece)
    if evidence.is_utf8:
        rest = max(0, size_bytes - evidence.seen_bytes)
        return TextEncoding("utf-8", evidence.characters + rest // _WIDEST_BYTES)
    declared = _DECLARED.match(head)
    name = declared and (declared[1] or declared[2]).decode("ascii", "replace")
    return TextEncoding(
        guess_encoding(bytes(evidence.sample), name or ""), size_bytes // _WIDEST_BYTES
    )


def decode(content: bytes, declared: str = "") -> str:
    """Decode a whole text that is in memory.

    Args:
        content: All of it.
        declared: What it says of its encoding itself; not trusted against the evidence.
    """
    name = marked_encoding(content[:HEAD_BYTES])
    if not name:
        evidence = _Evidence()
        evidence.add(content, is_last=True)
        name = "utf-8" if evidence.is_utf8 else guess_encoding(bytes(evidence.sample), declared)
    return content.decode(name, "replace")


def marked_encoding(head: bytes) -> str | None:
    """The encoding that the first bytes give away: a byte order mark, or where the zeros are."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if len(head) >= 4 and b"\0" in head:
        zeros = [head[place::4].count(0) / max(1, len(head[place::4])) for place in range(4)]
        for name, empty in (("utf-32-le", (1, 2, 3)), ("utf-32-be", (0, 1, 2))):
            if all(zeros[place] > 0.9 for place in empty):
                return name
        for name, high in (("utf-16-le", 1), ("utf-16-be", 0)):
            low = 1 - high
            if min(zeros[high::2]) > 0.3 and max(zeros[low::2]) < 0.05:
                return name
    if head.isascii() and _ISO_2022_JP.search(head):
        return "iso2022_jp_ext"
    return None


def is_binary(head: bytes) -> bool:
    """Whether the first bytes are not those of a text in any encoding of one byte or more."""
    return len(_CONTROL.findall(head)) > len(head) * 0.03


def guess_encoding(sample: bytes, declared: str = "") -> str:
    """The encoding of a text that is not UTF-8.

    Args:
        sample: Lines of it that are not ASCII.
        declared: What the text says itself; taken if the sample agrees.
    """
    name = _usable(declared)
    if name and name != "utf-8" and _decodes(sample, name):
        return name
    found = from_bytes(sample).best()
    name = _usable(found.encoding) if found else None
    if name is None or is_latin(name):
        # Among encodings of one alphabet the library often takes one for another.
        return most_fitting_latin(sample) or name or "cp1252"
    return name


@dataclass(slots=True)
class _Evidence:
    """What the bytes seen so far say for and against UTF-8."""

    seen_bytes: int = 0
    characters: int = 0
    beyond_ascii: int = 0
    wrong: int = 0
    sample: bytearray = field(default_factory=bytearray)
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    @property
    def is_utf8(self) -> bool:
        """A few wrong bytes among many right ones are damage, not another encoding."""
        return self.wrong * 10 <= self.beyond_ascii

    @property
    def is_open(self) -> bool:
        """Whether more bytes could still change the answer."""
        return self.wrong < 1000 or self.is_utf8

    def add(self, piece: bytes, *, is_last: bool = False) -> None:
        """Look at the next bytes."""
        text = self._decoder.decode(piece, is_last)
        self.seen_bytes += len(piece)
        self.characters += len(text)
        if text.isascii():
            return
        self.wrong += text.count("\ufffd")
        self.beyond_ascii += len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
        for line in _LINE_BEYOND_ASCII.finditer(piece):
            room = _SAMPLE_BYTES - len(self.sample)
            if room <= 0:
                return
            self.sample += piece[line.start() : min(line.end(), line.start() + room)]


def _usable(name: str) -> str | None:
    """Python's name for an encoding of texts, or for the wider one that is meant by it."""
    try:
        found = codecs.lookup(name).name
        b"a".decode(found)  # refuses codecs that do not make texts of bytes, as "hex"
    except (LookupError, ValueError):
        return None
    if found in _NOT_FOR_FILES or found.startswith(("utf-16", "utf-32")):
        return None  # these would have shown in the first bytes
    return _WIDER.get(found, found)


def _decodes(sample: bytes, name: str) -> bool:
    # The sample may end inside a character.
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        return not _CONTROL.search(decoder.decode(sample).encode("ascii", "ignore"))
    except UnicodeDecodeError:
        return False
