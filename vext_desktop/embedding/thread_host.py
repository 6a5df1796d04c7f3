"""The model in the calling thread, for comparison with the one in a process of its own."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from vext_desktop.embedding.embedder import EmbeddedBatch, Embedder, EmbedderInfo
from vext_desktop.embedding.factory import EmbedderChoice, create_embedder
from vext_desktop.errors import ChildDiedError, EmbeddingError
from vext_desktop.supervision.channel import Header


class ThreadHost:
    """Runs the engine in the calling thread; an `EmbedderHost`.

    There for comparison: its memory is the program's own, and what kills it kills the program.

    Args:
        choice: What to load.
        on_loaded: Called when the model has been loaded: what lives now will live on.
    """

    def __init__(
        self, choice: EmbedderChoice, on_loaded: Callable[[], object] = lambda: None
    ) -> None:
        self._choice = choice
        self._on_loaded = on_loaded
        self._embedder: Embedder | None = None
        self._started_at: float | None = None
        self._begun: Sequence[str] = ()
        self.pid: int | None = None
        self.fresh_rss_bytes: int | None = None

    @property
    def info(self) -> EmbedderInfo | None:
        """What the engine is; None until it is ready."""
        return self._embedder.info if self._embedder else None

    @property
    def note(self) -> str:
        """See `EmbedderHost.note`; nothing is seen of its start, which holds up the caller."""
        return self._embedder.info.notice if self._embedder else ""

    @property
    def seconds_since_start(self) -> float:
        """How long ago `begin_start` was called, in seconds."""
        return time.monotonic() - self._started_at if self._started_at is not None else 0.0

    def begin_start(self) -> None:
        """Remember that the engine is wanted; `is_ready` loads it."""
        if self._started_at is None:
            self._started_at = time.monotonic()

    def is_ready(self, wait_s: float) -> bool:  # noqa: ARG002 - loading cannot be left half-way
        """Load the model if need be, however long that takes."""
        self.begin_start()
        if self._embedder is None:
            self._embedder = create_embedder(self._choice)
            self._on_loaded()
        return True

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        """See `EmbedderHost.embed`."""
        if self._embedder is None:
            raise ChildDiedError("engine", None)
        started = time.perf_counter()
        try:
            batch = self._embedder.embed(texts, as_query=as_query)
        except Exception as error:
            raise EmbeddingError(f"The model failed: {error}") from error
        return replace(batch, seconds=time.perf_counter() - started)

    def begin_embed(self, texts: Sequence[str]) -> None:
        """Remember texts for `finish_embed`, which does the work: there is only this thread."""
        self._begun = texts

    def finish_embed(self) -> EmbeddedBatch:
        """See `EmbedderHost.finish_embed`."""
        begun, self._begun = self._begun, ()
        return self.embed(begun)

    def free_memory(self) -> None:
        """Nothing: the memory is this process's own, which is freed by whoever asks."""

    def read_memory(self) -> dict[str, Any] | None:
        """None: the memory is this process's own."""
        return None

    def ask(self, question: Header) -> Header | None:  # noqa: ARG002 - there is nobody to ask
        """None: there is no process but this one."""
        return None

    def restart(self) -> None:
        """Give up the model and remember that it is wanted again."""
        self.close()
        self.begin_start()

    def close(self) -> None:
        """Give up the model."""
        if self._embedder is not None:
            self._embedder.close()
        self._embedder = self._started_at = None
