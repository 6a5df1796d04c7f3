"""Vectors that are no use never reach the index."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vext_desktop.embedding.embedder import EmbeddedBatch
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import EmbeddingError


def unit_vectors(count: int, dimension: int) -> np.ndarray:
    vectors = np.random.default_rng(1).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_unit_vectors_are_accepted() -> None:
    validate_vectors(EmbeddedBatch(unit_vectors(8, 384), 0), 8, 384)


def test_an_empty_batch_is_accepted() -> None:
    validate_vectors(EmbeddedBatch(np.empty((0, 384), np.float32), 0), 0, 384)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda v: v[:7], r"shape \(7, 4\) for 8 texts"),
        (lambda v: v[0], r"shape \(4,\) for 8 texts"),
        (lambda v: np.float32(1), r"shape \(\) for 8 texts"),
        (lambda v: v[:, :3], "3 numbers instead of 4"),
        (lambda v: v.astype(np.float64), "float64"),
        (np.asfortranarray, "no usable order"),
        (lambda v: spoil_row(v, 2, np.nan), "no number in the vector of text 3"),
        (lambda v: spoil_row(v, 5, -np.inf), "an infinite number in the vector of text 6"),
        (lambda v: spoil_row(v, 0, 0.0), "length 0.000 instead of 1 for text 1"),
        (lambda v: v * np.float32(1.5), "length 1.500 instead of 1 for text 1"),
    ],
)
def test_what_is_wrong_is_named(spoil: Callable[[Any], Any], message: str) -> None:
    vectors = spoil(unit_vectors(8, 4))
    with pytest.raises(EmbeddingError, match=message):
        validate_vectors(EmbeddedBatch(vectors, 0), 8, 4)


def spoil_row(vectors: np.ndarray, row: int, value: float) -> np.ndarray:
    spoilt = vectors.copy()
    spoilt[row] = value
    return spoilt
