"""While a brief is written, what was read of its volume is not kept."""

import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from store_rows import DIMENSION, rows

from vext_desktop.index.briefs.writing import write_brief
from vext_desktop.index.rows import to_batch

PIECE_ROWS = 1024  # fewer would be the last


class Memory:
    """What a column of a batch lies in."""

    def __init__(self, values: Any) -> None:
        self.values = values


class WatchedVolume:
    """Hands out pieces, and notes how many of the earlier ones are still held."""

    def __init__(self, pieces: int) -> None:
        self._pieces = pieces
        self._lent: list[weakref.ref[Memory]] = []
        self.held: list[int] = []

    def read(self, _columns: Sequence[str], *, part: range) -> Iterator[Any]:
        number = part.start // PIECE_ROWS
        self.held.append(sum(memory() is not None for memory in self._lent))
        if number < self._pieces:
            yield self._batch(number)

    def _batch(self, number: int) -> Any:
        texts = [f"passage {number} {at}" for at in range(PIECE_ROWS)]
        batch = to_batch(rows(texts, 1 + number * PIECE_ROWS), DIMENSION)
        memory = Memory(batch.column("file_id").to_numpy().copy())
        self._lent.append(weakref.ref(memory))
        values = memory.values
        buffer = pa.foreign_buffer(values.ctypes.data, values.nbytes, base=memory)
        lent = pa.Array.from_buffers(pa.int64(), len(values), [None, buffer])
        at = batch.schema.get_field_index("file_id")
        return batch.set_column(at, batch.schema.field(at), lent)


def test_what_was_read_for_a_brief_is_let_go_of(tmp_path: Path) -> None:
    volume = WatchedVolume(pieces=4)
    write_brief(volume, tmp_path, DIMENSION)
    assert len(volume.held) == 5
    assert max(volume.held) <= 1, "one may be in hand"
