"""Text that is packed with gzip, unpacked while it is read and never onto the disk."""

import gzip
import io
from pathlib import Path
from typing import BinaryIO

from vext_desktop.documents.section import ReadFailure, ReadLimits
from vext_desktop.outcomes import Outcome

SUFFIX = ".gz"
# Below this, a high ratio is no harm: a small log of equal lines has it too.
_HARMLESS_BYTES = 50_000_000
# What is unpacked may be this much larger than the largest file that is read.
_EXPANSION = 4


def open_bytes(path: Path, limits: ReadLimits) -> BinaryIO:
    """Open a file to read its bytes; one that is named as packed, to read what is packed in it.

    Reading further than the limits allow raises ReadFailure (TOO_LARGE); what is damaged raises
    an OSError without a number, an EOFError or a zlib.error.
    """
    if path.suffix.lower() != SUFFIX:
        return path.open("rb")
    most_bytes = min(
        limits.max_file_bytes * _EXPANSION,
        max(_HARMLESS_BYTES, path.stat().st_size * limits.max_expansion),
    )
    return io.BufferedReader(_Unpacked(path, most_bytes))


class _Unpacked(io.RawIOBase):
    """What is in a gzip file, up to a number of bytes."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        super().__init__()
        self._file = gzip.GzipFile(path, "rb")
        self._most_bytes = most_bytes

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        if self._file.tell() > self._most_bytes:
            raise ReadFailure(
                Outcome.TOO_LARGE, "Unpacked, it is much larger than the limit in the settings."
            )
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()
