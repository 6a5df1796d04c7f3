"""Rows of the store: what goes in, what comes back, and how they look as Arrow data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """One passage with its vector, as the store takes it.

    Attributes:
        file_id: Its file in the ledger.
        generation: Which reading of the file it belongs to.
        ordinal: Its place among the passages of its file, from 0.
        page: Page of the document, from 1; None where there are no pages.
        heading: The heading it stands under, or "".
        start: First character in the document's joined text.
        end: One after the last.
        text: The passage.
        vector: float32, shape (dimension,), unit length.
    """

    file_id: int
    generation: int
    ordinal: int
    page: int | None
    heading: str
    start: int
    end: int
    text: str
    vector: "NDArray[np.float32]"


@dataclass(frozen=True, slots=True)
class StoreHit:
    """A passage that a search found; a higher score is better.

    The score of a vector search is the cosine similarity, that of a text search BM25.

    Attributes:
        text: The passage; "" where it has not been read, nor page, heading and range: see
            `Store.with_texts`.
        place: The volume of the store and the row in it, where that is known.
        words: The words of the query that it holds, where that is known without its text.
        brief_row: Its number in the volume's brief; below 0 where none has told of it.
    """

    file_id: int
    generation: int
    ordinal: int
    page: int | None
    heading: str
    start: int
    end: int
    text: str
    score: float
    place: tuple[int, int] | None = None
    words: str = ""
    brief_row: int = -1


@dataclass(frozen=True, slots=True)
class StoreSize:
    """How big the store is.

    Attributes:
        rows: Passages in it.
        bytes_on_disk: All files, those of other editions too.
        fragments: Pieces that the table's rows lie in; many make searches slow.
        reclaimable_bytes: What maintenance can give back of this table: old versions.
    """

    rows: int
    bytes_on_disk: int
    fragments: int
    reclaimable_bytes: int


# In the metadata of a table's schema.
MODEL_KEY = b"vext.model"
# What a search reads of every row that it finds, and what of those that are wanted: each column
# costs 1 ms for a hundred rows.
HIT_COLUMNS = ("file_id", "generation", "ordinal")
TOLD_COLUMNS = ("page", "heading", "start", "end", "text")


def schema(dimension: int, model: str = "") -> Any:
    """The Arrow schema of the table, which says in its metadata what model its vectors are from.

    Vectors are kept as float16: half the disk and memory, and with unit vectors the same ten
    best of a search (measured on MiniLM vectors: recall@10 against float32 is 1.00).
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only needed once the store is open

    return pa.schema(
        [
            pa.field("file_id", pa.int64(), nullable=False),
            pa.field("generation", pa.int64(), nullable=False),
            pa.field("ordinal", pa.int32(), nullable=False),
            pa.field("page", pa.int32()),
            pa.field("heading", pa.string(), nullable=False),
            pa.field("start", pa.int64(), nullable=False),
            pa.field("end", pa.int64(), nullable=False),
            pa.field("text", pa.string(), nullable=False),
            pa.field("vector", pa.list_(pa.float16(), dimension), nullable=False),
        ],
        {MODEL_KEY: model.encode("utf-8", "replace")} if model else None,
    )


def to_batch(rows: Sequence[ChunkRow], dimension: int) -> Any:
    """Rows as one Arrow record batch.

    Raises:
        ValueError: A vector has another dimension, or is not finite.
    """
    import numpy as np  # noqa: PLC0415 - heavy, and only needed once the store is open
    import pyarrow as pa  # noqa: PLC0415 - as above

    vectors = np.stack([row.vector for row in rows]).astype(np.float16)
    if vectors.shape[1:] != (dimension,) or not np.isfinite(vectors).all():
        raise ValueError(f"vectors of shape {vectors.shape} for a dimension of {dimension}")
    table_schema = schema(dimension)
    columns = [
        pa.array([getattr(row, name) for row in rows], table_schema.field(name).type)
        for name in ("file_id", "generation", "ordinal", "page")
    ]
    columns += [
        pa.array([_clean(row.heading) for row in rows], pa.string()),
        pa.array([row.start for row in rows], pa.int64()),
        pa.array([row.end for row in rows], pa.int64()),
        pa.array([_clean(row.text) for row in rows], pa.string()),
        pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimension),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=table_schema)


def to_hits(found: Any, scores: Iterable[float], volume: int) -> list[StoreHit]:
    """The rows of an Arrow table with HIT_COLUMNS and _rowid as hits, without TOLD_COLUMNS."""
    columns = [found.column(name).to_pylist() for name in (*HIT_COLUMNS, "_rowid")]
    return [
        StoreHit(file_id, generation, ordinal, None, "", 0, 0, "", score, (volume, row_id))
        for file_id, generation, ordinal, row_id, score in zip(*columns, scores, strict=True)
    ]


def _clean(text: str) -> str:
    """A lone surrogate cannot be written as UTF-8: "?" takes its place, one for one."""
    return text.encode("utf-8", "replace").decode()
