"""MSG: a mail as Outlook saves it, with the names of what is attached and the mails within."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vext_desktop.documents.encodings import decode
from vext_desktop.documents.readers.html import page_sections, page_text
from vext_desktop.documents.readers.mail_parts import best_bodies
from vext_desktop.documents.readers.msg_rtf import unpacked
from vext_desktop.documents.readers.rtf import rtf_sections
from vext_desktop.documents.section import PIECE_CHARACTERS, ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome

# Properties by their number (MS-OXPROPS), and the kinds of values that they have here.
_SUBJECT, _SENDER, _SENDER_ADDRESS, _SENDER_SMTP = 0x0037, 0x0C1A, 0x0C1F, 0x5D01
_TO, _CC, _BCC, _SENT, _DELIVERED = 0x0E04, 0x0E03, 0x0E02, 0x0039, 0x0E06
_BODY, _HTML, _RTF, _PLACE = 0x1000, 0x1013, 0x1009, 0x8208
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _DATA = 0x3707, 0x3704, 0x3001, 0x3701
_CODE_PAGE, _INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
_UNICODE, _STRING, _BINARY, _OBJECT = 0x001F, 0x001E, 0x0102, 0x000D
_PROPERTIES = "__properties_version1.0"
_ATTACHMENT = "__attach_version1.0_"
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_MOST_PROPERTIES = 10_000


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield headers and names of attachments, then the body; `heading` is the subject.

    Raises:
        ReadFailure: DAMAGED, when it is no container of a mail.
    """
    import olefile  # type: ignore[import-untyped]  # noqa: PLC0415 - it ships no types

    try:
        container = olefile.OleFileIO(path)
    except (OSError, ValueError, IndexError) as error:
        raise ReadFailure(Outcome.DAMAGED) from error
    with container:
        yield from _Mail(container, []).sections(limits.max_depth)


class _Mail:
    """One mail: the container itself, or a storage of an attachment in it."""

    def __init__(self, container: Any, place: list[str]) -> None:
        self._container = container
        self._place = place
        self._fixed = self._fixed_properties()
        page = self._fixed.get(_INTERNET_CODE_PAGE) or self._fixed.get(_CODE_PAGE) or 1252
        self._charset = "utf-8" if page & 0xFFFF == 65001 else f"cp{page & 0xFFFF}"

    def sections(self, max_depth: int) -> Iterator[Section]:
        """The mail's sections, then those of the mails that are attached to it."""
        subject = self._text(_SUBJECT)
        attachments = self._attachments()
        names = [name for _, name in attachments]
        sender = self._text(_SENDER)
        address = self._text(_SENDER_SMTP) or self._text(_SENDER_ADDRESS)
        if "@" in address and address not in sender:
            sender = f"{sender} <{address}>".strip()
        lines = {
            "Subject": subject, "From": sender, "To": self._text(_TO), "Cc": self._text(_CC),
            "Bcc": self._text(_BCC), "Date": self._date(), "Attachments": ", ".join(names),
        }  # fmt: skip
        head = "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
        if head:
            yield Section(head, heading=subject)
        yield from self._bodies(subject)
        for place, _ in attachments:
            inner = [*place, f"__substg1.0_{_DATA:04X}{_OBJECT:04X}"]
            if max_depth > 0 and self._container.exists([*inner, _PROPERTIES]):
                yield from _Mail(self._container, inner).sections(max_depth - 1)

    def _bodies(self, subject: str) -> Iterator[Section]:
        plain = self._text(_BODY, is_line=False)
        content = self._bytes(_HTML, _BINARY)
        page = page_text(content, self._charset) if content else self._text(_HTML, is_line=False)
        in_page = list(page_sections(page, subject)) if page else []
        is_plain, is_page = best_bodies(plain, "\n".join(section.text for section in in_page))
        if is_plain:
            for start in range(0, len(plain), PIECE_CHARACTERS):
                piece = plain[start : start + PIECE_CHARACTERS]
                yield Section(piece, heading=subject, continues=start > 0)
        if is_page:
            yield from in_page
        packed = b"" if plain.strip() or in_page else self._bytes(_RTF, _BINARY)
        if packed:
            for section in rtf_sections(unpacked(packed)):
                yield Section(section.text, heading=subject, continues=section.continues)

    def _attachments(self) -> list[tuple[list[str], str]]:
        """The storages of what is attached, each with its name."""
        depth = len(self._place)
        places = {
            tuple(entry[: depth + 1])
            for entry in self._container.listdir()
            if entry[:depth] == self._place
            and len(entry) > depth + 1
            and entry[depth].startswith(_ATTACHMENT)
        }
        found = []
        for place in sorted(places):
            attached = _Mail(self._container, list(place))
            names = (attached._text(number) for number in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME))
            found.append((list(place), next(filter(None, names), "unnamed")))
        return found

    def _text(self, number: int, *, is_line: bool = True) -> str:
        content = self._bytes(number, _UNICODE)
        if content:
            text = content.decode("utf-16-le", "replace")
        else:
            text = decode(self._bytes(number, _STRING), self._charset)
        text = text.replace("\0", "")
        if is_line:
            return " ".join(text.split())
        return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")

    def _bytes(self, number: int, kind: int) -> bytes:
        name = [*self._place, f"__substg1.0_{number:04X}{kind:04X}"]
        if not self._container.exists(name):
            return b""
        with self._container.openstream(name) as stream:
            return bytes(stream.read())

    def _date(self) -> str:
        ticks = self._fixed.get(_SENT) or self._fixed.get(_DELIVERED)
        if not ticks:
            return ""
        try:
            moment = _EPOCH + timedelta(microseconds=ticks // 10)
        except OverflowError:
            return ""
        return moment.strftime("%Y-%m-%d %H:%M UTC")

    def _fixed_properties(self) -> dict[int, int]:
        """Properties of fixed size: 16 bytes each, after a head whose size depends on the place."""
        name = [*self._place, _PROPERTIES]
        if not self._container.exists(name):
            return {}
        with self._container.openstream(name) as stream:
            content = bytes(stream.read(16 * _MOST_PROPERTIES))
        head = (
            8
            if self._place and self._place[-1].startswith(_ATTACHMENT)
            else 32 - 8 * bool(self._place)
        )
        return {
            int.from_bytes(content[place + 2 : place + 4], "little"): int.from_bytes(
                content[place + 8 : place + 16], "little"
            )
            for place in range(head, len(content) - 15, 16)
        }
