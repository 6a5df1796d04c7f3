"""Where the model runs: what every host of an engine does, and the one with its own process."""

import threading
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

# Collecting and trimming takes tens of milliseconds, summing up a trace some seconds.
_QUESTION_TIMEOUT_S = 120.0


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

    def ask(self, question: Header) -> Header | None:
        """Ask the engine's own process what every child answers; None when there is none.

        Raises:
            ChildReplyError: It answered with an error and lives on.
        """

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
        self.fresh_rss_bytes = ready["reading"]["rss_bytes"]
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
        self.ask({"do": "free_memory"})

    def read_memory(self) -> dict[str, Any] | None:
        """An exact reading of the engine's process as JSON; None when it is not ready."""
        answer = self.ask({"do": "read_memory"})
        return answer["reading"] if answer else None

    def ask(self, question: Header) -> Header | None:
        """See `EmbedderHost.ask`; a process that ends of it is told of by the next use."""
        if self._info is None:
            return None
        try:
            answer, _ = self._ask(question, _QUESTION_TIMEOUT_S)
        except (ChildDiedError, ChildHungError) as error:
            self._untold_end = error
            return None
        return answer

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
