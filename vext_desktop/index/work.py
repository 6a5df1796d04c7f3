"""What passes through a run: chunks on their way to the model, and the files they came from."""

from dataclasses import dataclass

from vext_desktop.documents.chunker import Chunk
from vext_desktop.embedding.embedder import Vectors


@dataclass(slots=True)
class FileWork:
    """One file between its first chunk and the ledger's word that it is done.

    Attributes:
        file_id: Its number in the ledger.
        generation: The generation that its rows carry.
        path: Where it lies.
        size_bytes: Its size when its hash was taken.
        mtime_ns: Its modification time when its hash was taken.
        chunks_read: Chunks that the reader has given so far.
        chunks_settled: Chunks that have a row waiting to be written, or were set aside.
        chunks_set_aside: Chunks that the model cannot process.
        is_read: Whether the reader has come to its end.
        is_dropped: Whether the reader failed half-way, so that nothing of it counts.
    """

    file_id: int
    generation: int
    path: str
    size_bytes: int
    mtime_ns: int
    chunks_read: int = 0
    chunks_settled: int = 0
    chunks_set_aside: int = 0
    is_read: bool = False
    is_dropped: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it is on its way to the model any more."""
        return self.is_read and self.chunks_settled == self.chunks_read


@dataclass(frozen=True, slots=True)
class PendingChunk:
    """A chunk that waits to be embedded."""

    file: FileWork
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Barrier:
    """What has come so far is embedded and written before anything else is read."""


@dataclass(frozen=True, slots=True)
class EmbeddedChunks:
    """What became of a batch: the chunks that have a vector, and their vectors.

    Attributes:
        chunks: In the order of the rows of `vectors`.
        vectors: float32, shape (chunks, dimension).
        truncated_tokens: Tokens that the model did not read.
        seconds: How long the engine worked on them.
    """

    chunks: tuple[PendingChunk, ...]
    vectors: Vectors
    truncated_tokens: int
    seconds: float
