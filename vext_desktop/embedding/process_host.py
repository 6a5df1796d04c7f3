"""The model in a process of its own, which gives all its memory back when it ends."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.embedding.factory import ENGINE_ENVIRONMENT, EmbedderChoice, describe_start
from vext_desktop.errors import (
    ChildDiedError,
    ChildHungError,
    ChildReplyError,
    EmbeddingError,
    ModelError,
    ServiceError,
    TextRefusedError,
    VextError,
)
from vext_desktop.supervision.answer_ahead import AnswerAhead
from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.parent import ChildProcess, EndOfWait

# Collecting and trimming takes tens of milliseconds, summing up a trace some seconds.
_QUESTION_TIMEOUT_S = 120.0


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
        cancelled: EndOfWait,
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
        self._ahead: AnswerAhead | None = None
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

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        """See `EmbedderHost.embed`."""
        self._tell_end()
        request = _embed_request(texts, as_query=as_query)
        return _batch_in(lambda: self._ask(request, self._timeouts.batch_s))

    def begin_embed(self, texts: Sequence[str]) -> None:
        """See `EmbedderHost.begin_embed`."""
        self._tell_end()
        self._land()
        if self._child is None:
            raise ChildDiedError("engine", None)
        with self._losing():
            self._child.post(_embed_request(texts), timeout_s=self._timeouts.batch_s)
        self._ahead = AnswerAhead(self._child, self._timeouts.batch_s)

    def finish_embed(self) -> EmbeddedBatch:
        """See `EmbedderHost.finish_embed`."""
        self._land()
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            raise RuntimeError("nothing was begun")
        return _batch_in(ahead.take)

    def free_memory(self) -> None:
        """Let the engine collect and trim; nothing when it is not ready."""
        self.ask({"do": "free_memory"})

    def read_memory(self) -> dict[str, Any] | None:
        """An exact reading of the engine's process as JSON; None when it is not ready."""
        answer = self.ask({"do": "read_memory"})
        return answer["reading"] if answer else None

    def ask(self, question: Header) -> Header | None:
        """See `EmbedderHost.ask`; a process that ends of it is told of by the next use."""
        self._land()
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
        if not self._cancelled.is_set():
            self._land()
        if self._child is not None:
            self._child.stop()
            self._lose()
            if self._ahead is not None:
                self._ahead.give_up()

    def _start(self) -> ChildProcess:
        self._start_note = describe_start(self._choice)
        options, log_file = self._options(), self._log_file
        child = ChildProcess("engine", options, log_file, ENGINE_ENVIRONMENT, self._cancelled)
        child.start()
        self._child = child
        self._on_started(child)
        return child

    def _options(self) -> Header:
        """What a new process is told before anything else."""
        return self._choice.to_json()

    def _ask(self, request: Header, timeout_s: float) -> tuple[Header, bytes]:
        self._land()
        if self._child is None:
            raise ChildDiedError("engine", None)
        with self._losing():
            answer, content = self._child.request(request, timeout_s=timeout_s)
        self._on_reading(answer["reading"])
        return answer, content

    def _land(self) -> None:
        """Wait for the answer to what was begun, if any, and keep it or how it failed."""
        if self._ahead is None or self._ahead.has_landed:
            return
        ahead, self._ahead = self._ahead, None  # if this is cancelled, nobody wants it any more
        with self._losing():
            ahead.land()
        self._ahead = ahead
        if ahead.has_ended_child:
            self._lose()
        elif ahead.answer is not None:
            self._on_reading(ahead.answer[0]["reading"])

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        """Forget the process after any failure that it does not survive."""
        try:
            yield
        except ChildReplyError:
            raise  # the engine lives on
        except BaseException:
            self._lose()
            raise

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


def _embed_request(texts: Sequence[str], *, as_query: bool = False) -> Header:
    return {"do": "embed", "texts": list(texts), "as_query": as_query}


def _batch_in(answering: Callable[[], tuple[Header, bytes]]) -> EmbeddedBatch:
    try:
        answer, content = answering()
    except ChildReplyError as error:
        raise _as_in_child(error) from error
    vectors = np.frombuffer(content, np.float32).reshape(answer["shape"])
    return EmbeddedBatch(vectors, answer["truncated_tokens"], answer["seconds"])


def _as_in_child(error: ChildReplyError) -> VextError:
    """The error as it was before it went through the channel, for those we decide by."""
    if error.kind == ServiceError.__name__:
        return ServiceError(error.message, error.hint, **error.told)
    if error.kind == TextRefusedError.__name__:
        return TextRefusedError(error.message, error.hint)
    return EmbeddingError(f"The model failed: {error.message}", error.hint)
