"""Mails, one or a whole mailbox: headers, bodies, messages within messages, names of files."""

import re
from collections.abc import Iterator
from email import message_from_binary_file, message_from_bytes
from email.message import Message
from pathlib import Path

from vext_desktop.documents.encodings import decode, marked_encoding
from vext_desktop.documents.readers.html import page_sections, page_text
from vext_desktop.documents.readers.mail_parts import (
    best_bodies,
    body_bytes,
    body_text,
    header,
    is_attached,
    leaves,
    part_name,
    shown_headers,
)
from vext_desktop.documents.section import PIECE_CHARACTERS, ReadLimits, Section

_EMLX_LENGTH = re.compile(rb"\A\s{0,8}\d{1,12}\s*\r?\n")
_NAMELESS = "unnamed"
_HEAD_BYTES = 4096


def read(path: Path, limits: ReadLimits) -> Iterator[Section]:
    """Yield headers and names of attachments, then the bodies; `heading` is the subject."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        marked = marked_encoding(head)
        if not marked:
            # Parsed from the file: its bytes beside the message would double what that takes.
            count = _EMLX_LENGTH.match(head)  # Apple Mail puts one before it
            start = count.end() if count else 0
            blank = len(head) - start - len(head[start:].lstrip(b"\r\n"))
            file.seek(start + blank)
            try:
                message = message_from_binary_file(file)
            except RecursionError:  # parts in parts without end: no mail, but it may hold text
                file.seek(start + blank)
                yield from _pieces(decode(file.read()), "")
                return
            yield from _message(message, limits.max_depth, 0)
            return
    content = path.read_bytes().decode(marked, "replace").encode()
    yield from message_sections(_EMLX_LENGTH.sub(b"", content, count=1), limits.max_depth)


def message_sections(content: bytes, max_depth: int) -> Iterator[Section]:
    """The sections of a message that is in memory."""
    try:
        # Leading blank lines would end the headers before they begin.
        message = message_from_bytes(content.lstrip(b"\r\n"))
    except RecursionError:  # parts in parts without end: no mail, but it may hold text
        yield from _pieces(decode(content), "")
        return
    yield from _message(message, max_depth, 0)


def _message(message: Message, max_depth: int, depth: int) -> Iterator[Section]:
    subject = header(message, "Subject")
    found = list(leaves(message))
    names = [_name_of(part) for part in found if is_attached(part) or _is_message(part)]
    # A picture in the text has no name.
    names += [
        part.get_content_type()
        for part in found
        if not (is_attached(part) or _is_message(part) or _is_text(part))
    ]
    head = shown_headers(message, list(dict.fromkeys(names)))
    if head:
        yield Section(head, heading=subject)
    yield from _bodies([part for part in found if not is_attached(part)], subject)
    for part in found:
        if _is_message(part) and depth < max_depth:
            for inner in _payload_list(part):
                yield from _message(inner, max_depth, depth + 1)
        elif is_attached(part) and part.get_content_maintype() == "text":
            yield from _text(part, _name_of(part))


def _bodies(parts: list[Message], subject: str) -> Iterator[Section]:
    plain = [part for part in parts if _is_text(part) and part.get_content_subtype() != "html"]
    pages = [part for part in parts if part.get_content_type() == "text/html"]
    if plain and pages:
        is_plain, is_page = best_bodies(
            "\n".join(map(body_text, plain)),
            "\n".join(section.text for part in pages for section in _text(part, subject)),
        )
        parts = (plain if is_plain else []) + (pages if is_page else [])
    for part in parts:
        if _is_text(part):
            yield from _text(part, subject)


def _text(part: Message, heading: str) -> Iterator[Section]:
    """The text of one part, in pieces."""
    if part.get_content_type() == "text/html":
        yield from page_sections(page_text(*body_bytes(part)), heading)
        return
    yield from _pieces(body_text(part).strip("\n"), heading)


def _pieces(text: str, heading: str) -> Iterator[Section]:
    for start in range(0, len(text), PIECE_CHARACTERS):
        piece = text[start : start + PIECE_CHARACTERS]
        yield Section(piece, heading=heading, continues=start > 0)


def _is_text(part: Message) -> bool:
    is_status = part.get_content_type() == "message/delivery-status"
    return is_status or part.get_content_maintype() == "text"


def _is_message(part: Message) -> bool:
    return part.get_content_type() == "message/rfc822"


def _payload_list(part: Message) -> list[Message]:
    payload = part.get_payload()
    return (
        [inner for inner in payload if isinstance(inner, Message)]
        if isinstance(payload, list)
        else []
    )


def _name_of(part: Message) -> str:
    """What an attachment is called: a file name, or the subject of an attached message."""
    inner = _payload_list(part) if _is_message(part) else []
    return part_name(part) or (header(inner[0], "Subject") if inner else "") or _NAMELESS
