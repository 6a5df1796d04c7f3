"""Rows for the store without a model: each word has a direction of its own."""

import functools
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.rows import ChunkRow

DIMENSION = 32


@functools.cache
def _direction(word: str) -> NDArray[np.float32]:
    seeded = np.random.default_rng(zlib.crc32(word.encode("utf-8", "replace")))
    return seeded.standard_normal(DIMENSION).astype(np.float32)


def vector_of(text: str) -> NDArray[np.float32]:
    """A unit vector that is near those of texts with the same words."""
    total = np.zeros(DIMENSION, np.float32)
    for word in text.lower().split():
        total += _direction(word)
    length = float(np.linalg.norm(total))
    return total / length if length else np.eye(1, DIMENSION, dtype=np.float32)[0]


def row(file_id: int, text: str, generation: int = 1, ordinal: int = 0) -> ChunkRow:
    """One passage; only what a test looks at differs from others."""
    return ChunkRow(
        file_id, generation, ordinal, None, "", 0, len(text), text, vector_of(text)
    )  # fmt: skip


def rows(texts: Sequence[str], first_file_id: int = 1) -> list[ChunkRow]:
    """One file for each text."""
    return [row(file_id, text) for file_id, text in enumerate(texts, first_file_id)]
