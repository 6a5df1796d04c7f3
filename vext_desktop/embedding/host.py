"""Where the model runs: in a supervised process, or in the calling thread for comparison."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.embedding.factory import ENGINE_ENVIRONMENT, EmbedderChoice, describe_start
from vext_desktop.errors import (
    ChildDiedError,
    ChildHungError,
    ChildReplyError,
    EmbeddingError,
    ModelError,
)
from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.parent import ChildProcess

_MEMORY_TIMEOUT_S = 60.0  # collecting and trimming takes tens of milliseconds


class EmbedderHost(Protocol):
    """Holds an engine: starts it without blocking, survives its end. Belongs to one thread."""

    @property
    def info(self) -> EmbedderInfo | None:
        """What the engine is; None until it is ready."""

    @property
    def pid(self) -> int | None:
        """The engine's own process; None when it has none."""

    @property
    def seconds_since_start(self) -> float:
        """How long ago the present engine was started, in seconds; 0 when there is none."""

    @property
    def note(self) -> str:
        """What starting does besides loading; once ready, what is not as chosen; "" if nothing."""

    @property
    def fresh_rss_bytes(self) -> int | None:
        """What the engine's own process held when one was last ready; None before, or without."""

    def begin_start(self) -> None:
        """Start the engine if there is none, and return at once."""

    def is_ready(self, wait_s: float) -> bool:
        """Wait up to `wait_s` for the engine; starts it if there is none.

        Raises:
            ModelError: It cannot load its model.
            ChildDiedError: It ended instead; the next call starts it anew.
            ChildHungError: It was not ready in time and was ended.
            CancelledError: The program is closing.
        """

    def embed(self, texts: Sequence[str]) -> EmbeddedBatch:
        """Embed texts with an engine that is ready.

        Raises:
            EmbeddingError: The engine lives, but has no vectors for these texts.
            ChildDiedError: It ended; `begin_start` starts it anew.
            ChildHungError: It did not answer in time and was ended.
            CancelledError: The program is closing.
        """

    def free_memory(self) -> None:
        """Let the engine's own process, if it has one, give back what it can."""

    def read_memory(self) -> dict[str, Any] | None:
        """An exact reading of the engine's own process, as JSON; None when it has none."""

    def restart(self) -> None:
        """End the engine, which returns its memory, and begin a new start."""

    def close(self) -> None:
        """End the engine."""


@dataclass(frozen=True, slots=True)
class HostTimeouts:
    """How long an engine may take before it counts as hung, in seconds."""

    start_s: float
    batch_s: float


class ProcessHost:
    """Runs the engine in a process of its own; an `EmbedderHost`.

    Args:
        choice: What to load.
        timeouts: When the engine counts as hung.
        log_file: What the engine prints and logs goes here.
        cancelled: When set, every wait ends with CancelledError within a fraction of a second.
        on_started: Called with each new process, before it is ready.
        on_ended: Called when a process that was announced is gone.
        on_reading: Called with the memory reading that comes with every answer, as JSON.
    """

    def __init__(
        self,
        choice: EmbedderChoice,
        timeouts: HostTimeouts,
        log_file: Path,
        cancelled: threading.Event,
        on_started: Callable[[ChildProcess], None],
        on_ended: Callable[[], None],
        on_reading: Callable[[dict[str, Any]], None],
    ) -> None:
        self._choice = choice
        self._timeouts = timeouts
        self._log_file = log_file
        self._cancelled = cancelled
        self._on_started = on_started
        self._on_ended = on_ended
        self._on_reading = on_reading
        self._child: ChildProcess | None = None
        self._info: EmbedderInfo | None = None
        self._untold_end: ChildDiedError | ChildHungError | None = None  # told by the next use
        self._start_note = ""
        self.fresh_rss_bytes: int | None = None

    @property
    def info(self) -> EmbedderInfo | None:
        """What the engine is; None until it is ready."""
        return self._info

    @property
    def pid(self) -> int | None:
        """The engine's process number; None when there is none."""
        return self._child.pid if self._child else None

    @property
    def seconds_since_start(self) -> float:
        """How long ago the present engine was started, in seconds; 0 when there is none."""
        return self._child.seconds_since_start if self._child else 0.0

    @property
    def note(self) -> str:
        """See `EmbedderHost.note`."""
        return self._info.notice if self._info else self._start_note

    def begin_start(self) -> None:
        """Start the engine's process if there is none, and return at once."""
        if self._child is None and self._untold_end is None:
            self._start()

    def is_ready(self, wait_s: float) -> bool:
        """See `EmbedderHost.is_ready`."""
        self._tell_end()
        if self._info is not None:
            return True
        child = self._child or self._start()
        try:
            if not child.wait_ready(wait_s, self._timeouts.start_s):
                return False
        except ChildReplyError as error:
            self._lose()
            raise ModelError(error.message, error.hint) from error
        except BaseException:
            self._lose()
            raise
        ready = child.ready_header or {}
        self._on_reading(ready["reading"])
        self._info = EmbedderInfo(
            **{field.name: ready[field.name] for field in fields(EmbedderInfo)}
        )
        return True

    def embed(self, texts: Sequence[str]) -> EmbeddedBatch:
        """See `EmbedderHost.embed`."""
        self._tell_end()
        request = {"do": "embed", "texts": list(texts)}
        try:
            answer, content = self._ask(request, self._timeouts.batch_s)
        except ChildReplyError as error:
            raise EmbeddingError(f"The model failed: {error.message}", error.hint) from error
        vectors = np.frombuffer(content, np.float32).reshape(answer["shape"])
        return EmbeddedBatch(vectors, answer["truncated_tokens"])

    def free_memory(self) -> None:
        """Let the engine collect and trim; nothing when it is not ready."""
        self._ask_about_memory("free_memory")

    def read_memory(self) -> dict[str, Any] | None:
        """An exact reading of the engine's process as JSON; None when it is not ready."""
        answer = self._ask_about_memory("read_memory")
        return answer["reading"] if answer else None

    def restart(self) -> None:
        """End the process, which returns all its memory, and begin a new start."""
        self.close()
        self.begin_start()

    def close(self) -> None:
        """End the process."""
        self._untold_end = None
        if self._child is not None:
            self._child.stop()
            self._lose()

    def _start(self) -> ChildProcess:
        self._start_note = describe_start(self._choice)
        options, log_file = self._choice.to_json(), self._log_file
        child = ChildProcess("engine", options, log_file, ENGINE_ENVIRONMENT, self._cancelled)
        child.start()
        self._child = child
        self._on_started(child)
        return child

    def _ask(self, request: Header, timeout_s: float) -> tuple[Header, bytes]:
        if self._child is None:
            raise ChildDiedError("engine", None)
        try:
            answer, content = self._child.request(request, timeout_s=timeout_s)
        except ChildReplyError:
            raise  # the engine lives on
        except BaseException:
            self._lose()
            raise
        self._on_reading(answer["reading"])
        return answer, content

    def _ask_about_memory(self, what: str) -> Header | None:
        if self._info is None:
            return None
        try:
            answer, _ = self._ask({"do": what}, _MEMORY_TIMEOUT_S)
        except (ChildDiedError, ChildHungError) as error:
            self._untold_end = error
            return None
        return answer

    def _tell_end(self) -> None:
        end, self._untold_end = self._untold_end, None
        if end is not None:
            raise end

    def _lose(self) -> None:
        """Forget a process that has ended, or end it if a wait for it was interrupted."""
        if self._child is not None:
            self._child.kill()
        self._child = self._info = None
        self._on_ended()


class ThreadHost:
    """Runs the engine in the calling thread; an `EmbedderHost`.

    There for comparison: its memory is the program's own, and what kills it kills the program.

    Args:
        choice: What to load.
    """

    def __init__(self, choice: EmbedderChoice) -> None:
        self._choice = choice
        self._embedder: Embedder | None = None
        self._started_at: float | None = None
        self.pid: int | None = None

    @property
    def info(self) -> EmbedderInfo | None:
        """What the engine is; None until it is ready."""
        return self._embedder.info if self._embedder else None

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
        return True

    def embed(self, texts: Sequence[str]) -> EmbeddedBatch:
        """See `EmbedderHost.embed`."""
        if self._embedder is None:
            raise ChildDiedError("engine", None)
        try:
            return self._embedder.embed(texts)
        except Exception as error:
            raise EmbeddingError(f"The model failed: {error}") from error

    def free_memory(self) -> None:
        """Nothing: the memory is this process's own, which is freed by whoever asks."""

    def read_memory(self) -> dict[str, Any] | None:
        """None: the memory is this process's own."""
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
