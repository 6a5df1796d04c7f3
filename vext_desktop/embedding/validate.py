"""Whether what an engine returned can go into the index."""

import numpy as np

from vext_desktop.embedding.embedder import EmbeddedBatch
from vext_desktop.errors import EmbeddingError

# float32 rounding is 1e-6; engines that compute in half precision stay below 1e-3.
LENGTH_TOLERANCE = 2e-3


def validate_vectors(batch: EmbeddedBatch, count: int, dimension: int) -> None:
    """See that a batch has a usable vector for each text.

    Args:
        batch: What the engine returned.
        count: How many texts it was given.
        dimension: How many numbers a vector of this model has.

    Raises:
        EmbeddingError: It cannot be used; says in what way, and for which text of the batch.
    """
    vectors = batch.vectors
    if vectors.ndim != 2 or vectors.shape[0] != count:
        raise EmbeddingError(
            f"The model returned an array of shape {vectors.shape} for {count} texts."
        )
    if vectors.shape[1] != dimension:
        raise EmbeddingError(
            f"The model returned vectors of {vectors.shape[1]} numbers instead of {dimension}."
        )
    if vectors.dtype != np.float32 or not vectors.flags.c_contiguous:
        raise EmbeddingError(f"The model returned an array of {vectors.dtype} in no usable order.")
    for row in np.flatnonzero(~np.isfinite(vectors).all(axis=1)):
        kind = "no number" if np.isnan(vectors[row]).any() else "an infinite number"
        raise EmbeddingError(f"The model returned {kind} in the vector of text {row + 1}.")
    lengths = np.linalg.norm(vectors, axis=1)
    for row in np.flatnonzero(np.abs(lengths - 1) > LENGTH_TOLERANCE):
        raise EmbeddingError(
            f"The model returned a vector of length {lengths[row]:.3f} instead of 1 "
            f"for text {row + 1}."
        )
