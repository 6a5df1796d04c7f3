"""The packing of RTF in Outlook's mails (MS-OXRTFCP): a window of 4096 bytes, filled ahead."""

from vext_desktop.documents.section import ReadFailure
from vext_desktop.outcomes import Outcome

_AHEAD = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096
_HEAD_BYTES = 16
_PACKED, _PLAIN = b"LZFu", b"MELA"


def unpacked(content: bytes) -> bytes:
    """The RTF text.

    Raises:
        ReadFailure: DAMAGED, when it is packed in another way.
    """
    kind = content[8:12]
    if kind == _PLAIN:
        return content[_HEAD_BYTES:]
    if kind != _PACKED:
        raise ReadFailure(Outcome.DAMAGED)
    window = bytearray(_AHEAD.ljust(_WINDOW, b"\0"))
    write = len(_AHEAD)
    found = bytearray()
    position = _HEAD_BYTES
    while position < len(content):
        flags = content[position]
        position += 1
        for bit in range(8):
            piece = content[position : position + (2 if flags >> bit & 1 else 1)]
            if len(piece) < 1 + (flags >> bit & 1):
                return bytes(found)
            position += len(piece)
            if len(piece) == 1:
                window[write] = piece[0]
                found += piece
                write = (write + 1) % _WINDOW
                continue
            offset, length = (piece[0] << 4) | (piece[1] >> 4), (piece[1] & 15) + 2
            if offset == write:  # how the end is marked
                return bytes(found)
            for place in range(length):
                byte = window[(offset + place) % _WINDOW]
                window[write] = byte
                found.append(byte)
                write = (write + 1) % _WINDOW
    return bytes(found)
