"""What the parts of a mail mean: headers as text, bodies in their encodings, names of files."""

import email.header
import email.message
import re
from collections.abc import Iterator

from vext_desktop.documents.encodings import decode

Message = email.message.Message
# The headers that a person sees, in the order in which they are shown.
_SHOWN = ("Subject", "From", "To", "Cc", "Bcc", "Date")
# The library's time to decode one is quadratic in its length.
_LONGEST_HEADER = 20_000
_SOFT_BREAK = re.compile(r" \n(?![>\n])")
_WORD = re.compile(r"\w+")
# With more of its words in the other body too, a body adds nothing to it.
_MOSTLY = 0.9


def header(message: Message, name: str) -> str:
    """A header as a person sees it, in one line; empty if it is not there or beyond repair."""
    try:
        # As it was sent: what `get` gives has lost bytes that are not ASCII.
        raw = message.raw_items()
        value = next((value for key, value in raw if key.lower() == name.lower()), "")
        return " ".join(_decoded(str(value)[:_LONGEST_HEADER]).split())
    except Exception:  # noqa: BLE001 - the library meets odd headers with whatever error it has
        return ""


def shown_headers(message: Message, attachments: list[str]) -> str:
    """The headers that matter, line by line, and the names of what is attached."""
    lines = [f"{name}: {value}" for name in _SHOWN if (value := header(message, name))]
    if attachments:
        lines.append(f"Attachments: {', '.join(attachments)}")
    return "\n".join(lines)


def part_name(part: Message) -> str:
    """The file name that a part has; empty if it has none."""
    try:
        found = part.get_filename() or ""
        return " ".join(_decoded(found).split()) if found else ""
    except Exception:  # noqa: BLE001 - as above
        return ""


def is_attached(part: Message) -> bool:
    """Whether a part is a file rather than part of what is shown."""
    return part.get_content_disposition() == "attachment" or bool(part_name(part))


def body_text(part: Message) -> str:
    """The text of a part that is text, decoded and with its own line ends."""
    content, charset = body_bytes(part)
    text = decoded(content, charset).replace("\r\n", "\n").replace("\r", "\n")
    if str(part.get_param("format", "")).lower() == "flowed":
        text = _SOFT_BREAK.sub(" ", text)
    return text


def body_bytes(part: Message) -> tuple[bytes, str]:
    """What a part holds, and the encoding that it says it is in."""
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - as above
        payload = None
    if not isinstance(payload, bytes):
        payload = str(part.get_payload()).encode("utf-8", "surrogateescape")
    charset = part.get_param("charset", "")
    return payload, charset if isinstance(charset, str) else str(charset[2])


def decoded(content: bytes, charset: str) -> str:
    """Text in the encoding that it says it is in, if it is not plainly in another."""
    # Beside mails, nothing is in UTF-7, and every ASCII text could be.
    return (
        content.decode(charset, "replace")
        if charset.lower() == "utf-7"
        else decode(content, charset)
    )


def leaves(message: Message) -> Iterator[Message]:
    """The parts that are not made of others, in their order; messages within stay whole."""
    # No recursion: how deep parts lie in parts is up to the sender.
    waiting = [message]
    while waiting:
        part = waiting.pop()
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" or not isinstance(payload, list):
            yield part
        else:
            waiting += [child for child in reversed(payload) if isinstance(child, Message)]


def best_bodies(plain: str, page: str) -> tuple[bool, bool]:
    """Which of two versions of a body to read: usually one of them says it all.

    Args:
        plain: The text version.
        page: The text of the HTML version.

    Returns:
        Whether to read the text version, and whether to read the other.
    """
    in_plain, in_page = (set(_WORD.findall(text.lower())) for text in (plain, page))
    if not in_page or len(in_page & in_plain) >= _MOSTLY * len(in_page):
        return True, False
    return len(in_plain & in_page) < _MOSTLY * len(in_plain), True


def _decoded(value: str) -> str:
    """A header with its encoded words, or with the bare bytes that some programs send."""
    if any("\udc80" <= sign <= "\udcff" for sign in value):
        value = decode(value.encode("utf-8", "surrogateescape"))
    if "=?" not in value:
        return value
    parts = []
    for content, charset in email.header.decode_header(value):
        if isinstance(content, str):
            parts.append(content)
        elif charset:
            parts.append(decoded(content, charset))
        else:
            parts.append(content.decode("ascii", "replace"))
    return "".join(parts)
