"""The texts of a brief: each is shortened by itself, so that one can be read alone."""

import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from vext_desktop.index.rows import TOLD_COLUMNS

# Where passages are longer on the average, their texts are most of an index, and a second copy of
# them would make it larger than 1.3 times the raw vectors and texts: there is none then.
MOST_MEAN_BYTES = 1100
# Of some passages, for zlib to refer to: all are shorter by a tenth, in the same time.
_COMMON_BYTES = 8192
_COMMON_SHARE = 97  # one in so many
# Page (0 for none), start, end, and how many bytes of what follows are the heading.
_HEAD = struct.Struct("<iqqi")
PLACE_TYPE = np.dtype([("at", "<u8"), ("size_bytes", "<u4")])


class Told(NamedTuple):
    """What TOLD_COLUMNS have of one passage."""

    page: int | None
    heading: str
    start: int
    end: int
    text: str


class TextDraft:
    """Gathers texts beside a brief that is being written.

    Args:
        folder: Where its scratch file lies; it has no name there and is gone with the program.
    """

    def __init__(self, folder: Path) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - see `close`
        self._places: list[tuple[int, int]] = []
        self._at = 0
        self._raw_bytes = 0
        self.common = b""

    def close(self) -> None:
        """Remove the scratch file."""
        self._file.close()

    @property
    def is_worth_keeping(self) -> bool:
        """Whether the passages are short enough."""
        return self._raw_bytes <= MOST_MEAN_BYTES * len(self._places)

    @property
    def places(self) -> Any:
        """Where each text lies, as PLACE_TYPE."""
        return np.array(self._places, PLACE_TYPE)

    def add(self, batch: Any) -> None:
        """Take in the texts of the next rows."""
        columns = [batch.column(name).to_pylist() for name in TOLD_COLUMNS]
        if not self.common:
            self.common = " ".join(columns[-1][::_COMMON_SHARE]).encode()[:_COMMON_BYTES]
        for page, heading, start, end, text in zip(*columns, strict=True):
            head, told = heading.encode(), text.encode()
            self._raw_bytes += len(head) + len(told)
            press = zlib.compressobj(1, zdict=self.common)
            piece = _HEAD.pack(page or 0, start, end, len(head)) + head + told
            shortened = press.compress(piece) + press.flush()
            self._places.append((self._at, len(shortened)))
            self._at += self._file.write(shortened)

    def copy_to(self, out: BinaryIO) -> None:
        """Write all of them."""
        self._file.seek(0)
        while piece := self._file.read(1 << 20):
            out.write(piece)


def read_text(piece: bytes, common: bytes) -> Told:
    """One text as it was; `common` is what the draft of that name had.

    Raises:
        zlib.error: It is damaged: zlib compares a checksum.
        struct.error: As above.
        UnicodeDecodeError: As above.
    """
    press = zlib.decompressobj(zdict=common)
    read = press.decompress(piece)
    if not press.eof:
        raise zlib.error("it ends too early")
    page, start, end, head_bytes = _HEAD.unpack_from(read)
    heading = read[_HEAD.size : _HEAD.size + head_bytes].decode()
    return Told(page or None, heading, start, end, read[_HEAD.size + head_bytes :].decode())
