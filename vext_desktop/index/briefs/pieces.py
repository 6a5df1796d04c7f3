"""Reading pieces of a file, each alone, and how near the vectors are that lie in some."""

import os
import zlib
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.briefs.layout import BriefError, vector_type

_HAS_PREAD = hasattr(os, "pread")


class Pieces:
    """Reads pieces of a file; raises a BriefError where that ends too early, or cannot be read.

    Args:
        stream: The file, open and without a buffer.
        file: What it is called in an error.
    """

    def __init__(self, stream: FileIO, file: Path) -> None:
        self.file = file
        self._stream = stream

    def close(self) -> None:
        """Let go of the file; harmless a second time."""
        self._stream.close()

    def read(self, at: int, size_bytes: int) -> bytes:
        """One piece."""
        return self.read_some(at, size_bytes, (0,))[0]

    def read_some(self, began: int, size_bytes: int, rows: Sequence[int]) -> list[bytes]:
        """What some rows have in a part of the file that has so many bytes for each."""
        try:
            if _HAS_PREAD:
                handle, pread = self._stream.fileno(), os.pread
                pieces = [pread(handle, size_bytes, began + row * size_bytes) for row in rows]
            else:  # Windows
                pieces = []
                for row in rows:
                    self._stream.seek(began + row * size_bytes)
                    pieces.append(self._stream.read(size_bytes))
        except (OSError, ValueError) as error:
            raise BriefError(str(error), self.file) from error
        if any(len(piece) != size_bytes for piece in pieces):
            raise BriefError("it ends too early", self.file)
        return pieces

    def read_into(self, at: int, room: NDArray[np.uint64]) -> None:
        """As many bytes as there is room for."""
        try:
            self._stream.seek(at)
            read = self._stream.readinto(room.view(np.uint8).data)
        except (OSError, ValueError) as error:
            raise BriefError(str(error), self.file) from error
        if read != room.nbytes:
            raise BriefError("it ends too early", self.file)

    def nearness(
        self, began: int, rows: Sequence[int], vector: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The cosine of some vectors, which lie as `vector_type` says, and one of unit length."""
        kind = vector_type(len(vector))
        joined = b"".join(self.read_some(began, kind.itemsize, rows))
        read = np.frombuffer(joined, kind)
        at, view, crc32 = 0, memoryview(joined), zlib.crc32
        for crc in read["crc"].tolist():
            end = at + kind.itemsize
            if crc32(view[at + 4 : end]) != crc:
                raise BriefError("a vector in it is damaged", self.file)
            at = end
        near: NDArray[np.float32] = (read["parts"].astype(np.float32) @ vector) * read["scale"]
        return near
