"""The program's side of the reader process: whatever a file does to it, the answer is a reason."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vext_desktop.documents.chunker import Chunk, ChunkRules
from vext_desktop.documents.memory_limit import MEMORY_EXIT_CODE
from vext_desktop.documents.patience import Patience, too_slow
from vext_desktop.documents.section import Fingerprint, ReadFailure, ReadLimits, Section
from vext_desktop.errors import (
    ChildDiedError,
    ChildError,
    ChildHungError,
    ChildReplyError,
    describe_exit,
)
from vext_desktop.outcomes import Outcome
from vext_desktop.readings import format_bytes
from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.parent import ChildProcess

_START_LIMIT_S = 60.0
# As often as the engine may die in a row.
_MOST_STARTS = 3
_START_STEP_S = 1.0
# What Python, C++, Rust and PDFium last say when memory is refused to them.
_OUT_OF_MEMORY = ("MemoryError", "bad_alloc", "memory allocation of", "ut of memory")
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "TOKENIZERS_PARALLELISM": "false"}

logger = logging.getLogger("vext.documents")


class ReaderHost:
    """Reads files in a child process that is started when needed, and replaced when it dies.

    Args:
        limits: How much of a file, and how much memory, reading may take.
        step_timeout_s: How long one step of reading may take, in seconds.
        log_file: What the child prints goes here.
        cancelled: Ends every wait with CancelledError when it is set.
        on_started: Called with each child that was started.
        on_ended: Called when a child has ended, however it did.
    """

    def __init__(
        self,
        limits: ReadLimits,
        step_timeout_s: float,
        log_file: Path,
        cancelled: threading.Event,
        on_started: Callable[[ChildProcess], None],
        on_ended: Callable[[], None],
    ) -> None:
        self._limits = limits
        self._memory_bytes = limits.memory_bytes
        self._step_timeout_s = step_timeout_s
        self._log_file = log_file
        self._cancelled = cancelled
        self._on_started = on_started
        self._on_ended = on_ended
        self._child: ChildProcess | None = None
        self._last_looks: tuple[Path, Fingerprint] | None = None
        self._files_opened = 0
        self.last_death: ChildError | None = None

    def take_last_death(self) -> ChildError | None:
        """How the child last died or hung, told once; None if it has not since."""
        death, self.last_death = self.last_death, None
        return death

    def allow_memory(self, memory_bytes: int | None) -> None:
        """Let the reader hold more than its limit for what it reads next; None: no more.

        A limit belongs to a process, so another one is started where it changes.
        """
        wanted = max(self._limits.memory_bytes, memory_bytes or 0)
        if wanted != self._memory_bytes:
            self._memory_bytes = wanted
            self.close()

    def fingerprint(self, path: Path) -> Fingerprint:
        """Hash a file's bytes.

        Raises:
            ReadFailure: It cannot be read, is too large, or changed meanwhile.
        """
        request = {
            "do": "fingerprint", "path": str(path), "max_file_bytes": self._limits.max_file_bytes
        }  # fmt: skip
        self._replace_if_ended()
        while True:
            answer = self._ask(request)
            if answer["done"]:
                break
        found = Fingerprint(
            str(answer["content_hash"]), int(answer["size_bytes"]), int(answer["mtime_ns"])
        )
        self._last_looks = (path, found)
        return found

    def read_chunks(self, path: Path, rules: ChunkRules) -> Iterator[list[Chunk]]:
        """Read a file and cut it, a few chunks at a time; close the iterator to give it up.

        Raises:
            ReadFailure: It cannot be read, at any step; also CHANGED_WHILE_READING when it is
                not any more what `fingerprint` saw last.
        """
        for items in self._read(path, {"chunk_rules": rules.to_json()}):
            yield [_chunk(item) for item in items]

    def read_sections(self, path: Path) -> Iterator[list[Section]]:
        """Read a file as the sections that its reader sees; otherwise like `read_chunks`."""
        for items in self._read(path, {}):
            yield [_section(item) for item in items]

    def free_memory(self) -> None:
        """Have the child give back what it does not need; nothing if none is running."""
        self.ask({"do": "free_memory"})

    def read_memory(self) -> dict[str, Any] | None:
        """The child's exact memory reading, as JSON values; None if none is running."""
        answer = self.ask({"do": "read_memory"})
        return answer.get("reading") if answer else None

    def ask(self, question: Header) -> Header | None:
        """Ask what every child answers: no reason to start one, nor to lose a file for.

        Returns:
            None when no child is running, or when it ended of the question.

        Raises:
            ChildReplyError: It answered with an error and lives on.
        """
        if self._child is None:
            return None
        try:
            answer, _ = self._child.request(question, timeout_s=self._step_timeout_s)
        except (ChildDiedError, ChildHungError) as error:
            logger.warning("the reader was lost at %s: %s", question["do"], error)
            self._forget()
            return None
        except ChildReplyError:
            raise
        except BaseException:
            self._forget()
            raise
        return answer

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.stop()
            self._on_ended()

    def _read(self, path: Path, options: Header) -> Iterator[list[Header]]:
        self._files_opened += 1
        number = self._files_opened
        request = {"do": "open", "path": str(path), "limits": self._limits.to_json(), **options}
        if self._last_looks and self._last_looks[0] == path:
            found = self._last_looks[1]
            request["looks"] = [found.size_bytes, found.mtime_ns]
        has_ocr = bool(self._limits.ocr_languages)
        patience = Patience(path, self._step_timeout_s, has_ocr=has_ocr)
        is_done = False
        self._replace_if_ended()
        try:
            self._ask(request)
            while not is_done:
                if number != self._files_opened:
                    raise RuntimeError("another file was opened before this one was finished")
                with patience.spent():
                    answer = self._ask({"do": "next"})
                is_done = bool(answer["done"])
                if answer["items"]:
                    yield answer["items"]
        finally:
            if not is_done and number == self._files_opened:
                self.ask({"do": "close"})

    def _ask(self, request: Header) -> Header:
        """One request; every failure but that of starting a child speaks of the file in hand."""
        child = self._child or self._start()
        try:
            answer, _ = child.request(request, timeout_s=self._step_timeout_s)
        except (ChildDiedError, ChildHungError) as error:
            raise self._failure_of(error) from error
        except ChildReplyError as error:
            raise ReadFailure(
                Outcome.DAMAGED, f"Its content could not be read ({error.kind})."
            ) from error
        except BaseException:
            self._forget()  # a wait that was given up has killed the child
            raise
        failure = answer.get("failure")
        if failure:
            raise ReadFailure(Outcome(failure["outcome"]), str(failure["reason"]))
        return answer

    def _replace_if_ended(self) -> None:
        """A child that ended while it was asked for nothing is not the fault of the next file."""
        if self._child is not None and not self._child.is_running:
            logger.warning("the reader was lost between two files")
            self._forget()

    def _start(self) -> ChildProcess:
        """Start the child; one that ends before it has seen any file is no file's fault."""
        for _ in range(_MOST_STARTS - 1):
            try:
                return self._start_once()
            except (ChildDiedError, ChildHungError) as error:
                logger.warning("the reader was lost while it started: %s", error)
        try:
            return self._start_once()
        except (ChildDiedError, ChildHungError) as error:
            raise ChildError(
                f"The process that opens your documents could not be started {_MOST_STARTS} times "
                f"in a row. {error.message} Your documents are untouched, and what is indexed so "
                "far is safe.",
                f"Index again. If it stays so, restart the computer, or see {self._log_file}.",
            ) from error

    def _start_once(self) -> ChildProcess:
        options = {"memory_bytes": self._memory_bytes}
        child = ChildProcess("reader", options, self._log_file, _ENVIRONMENT, self._cancelled)
        child.start()
        self._child = child
        self._on_started(child)
        try:
            while not child.wait_ready(_START_STEP_S, _START_LIMIT_S):
                pass
        except BaseException:
            self._forget()
            raise
        return child

    def _forget(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            self._on_ended()

    def _failure_of(self, error: ChildDiedError | ChildHungError) -> ReadFailure:
        """What the end of the child says of the file that it was reading."""
        self.last_death = error
        self._forget()
        if isinstance(error, ChildHungError):
            return too_slow(error.waited_s)
        code = error.child_exit_code
        if code == MEMORY_EXIT_CODE or any(word in error.log_tail for word in _OUT_OF_MEMORY):
            limit = format_bytes(self._memory_bytes)
            is_usual = self._memory_bytes == self._limits.memory_bytes
            whose = "the limit in the settings" if is_usual else "what it was allowed"
            return ReadFailure(
                Outcome.MEMORY_LIMIT, f"Reading it needed more than {limit} of memory, {whose}."
            )
        return ReadFailure(
            Outcome.PARSER_CRASHED, f"Reading it ended the reader process ({describe_exit(code)})."
        )


def _chunk(item: Header) -> Chunk:
    return Chunk(
        int(item["ordinal"]),
        str(item["text"]),
        int(item["start"]),
        int(item["end"]),
        _page(item["page"]),
        str(item["heading"]),
    )


def _section(item: Header) -> Section:
    page, heading = _page(item["page"]), str(item["heading"])
    return Section(str(item["text"]), page, heading, bool(item["continues"]))


def _page(value: object) -> int | None:
    return value if isinstance(value, int) else None
