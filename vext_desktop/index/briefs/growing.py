"""The vectors of the volume that rows are added to: what its brief would tell of them.

They lie in a file without a name: in memory they would grow for minutes with the rows, 10 MB, and
go at once. Only keys and signs are in memory, 64 bytes a row, for one volume at most.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.briefs.layout import (
    BITS,
    CODE_TYPE,
    KEY_TYPES,
    BriefError,
    shortened,
    to_codes,
    vector_type,
)
from vext_desktop.index.briefs.pieces import Pieces

_ROOM_ROWS = 1024


class GrowingBrief:
    """Answers as a Brief does what a search by meaning asks; a BriefError where it cannot.

    Args:
        folder: Where its file lies.
        dimension: Numbers in a vector.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self.file = folder
        self.dimension = dimension
        self.rows = 0
        try:
            folder.mkdir(exist_ok=True)
            made = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115 - see `close`
        except OSError as error:
            raise BriefError(str(error), folder) from error
        self._stream = made
        self._pieces = Pieces(self._stream, folder)
        self._keys = [np.empty(0, kind) for kind in KEY_TYPES]
        self._codes = np.empty((-(-dimension // BITS), 0), CODE_TYPE)

    def close(self) -> None:
        """Remove the file; harmless a second time."""
        self._pieces.close()

    def add(self, keys: Sequence[NDArray[Any]], vectors: NDArray[np.float32]) -> None:
        """Take in passages: their file_id, generation and ordinal, and their vectors."""
        piece = memoryview(shortened(vectors).tobytes())
        try:
            self._stream.seek(self.rows * vector_type(self.dimension).itemsize)
            while piece:
                piece = piece[self._stream.write(piece) :]
        except (OSError, ValueError) as error:
            raise BriefError(str(error), self.file) from error
        rows = self.rows + len(vectors)
        if rows > self._codes.shape[1]:
            room = np.empty((len(self._codes), rows + _ROOM_ROWS), CODE_TYPE)
            room[:, : self.rows] = self._codes[:, : self.rows]
            self._codes = room
        self._codes[:, self.rows : rows] = to_codes(vectors).T
        self._keys = [
            np.concatenate([own, new.astype(own.dtype)])
            for own, new in zip(self._keys, keys, strict=True)
        ]
        self.rows = rows

    def passages(self) -> tuple[NDArray[Any], ...]:
        """The file_id, generation and ordinal of all passages."""
        return tuple(self._keys)

    def some_passages(self, rows: Sequence[int]) -> list[tuple[int, int, int]]:
        """The file_id, generation and ordinal of some passages."""
        return list(zip(*(column[rows].tolist() for column in self._keys), strict=True))

    def file_ids(self) -> NDArray[np.int64]:
        """The file_id of all passages."""
        return self._keys[0]

    def read_codes(self, into: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """The signs of all vectors; see `Brief`."""
        count = len(self._codes) * self.rows
        room = into[:count] if len(into) >= count else np.empty(count, CODE_TYPE)
        codes = room.reshape(len(self._codes), self.rows)
        codes[:] = self._codes[:, : self.rows]
        return codes

    def nearness(self, rows: Sequence[int], vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of some passages' vectors and one of unit length, good to 0.001."""
        return self._pieces.nearness(0, rows, vector)
