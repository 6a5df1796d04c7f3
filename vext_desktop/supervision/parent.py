"""The parent's side of a child process."""

import contextlib
import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from vext_desktop.errors import (
    CancelledError,
    ChildDiedError,
    ChildError,
    ChildHungError,
    ChildReplyError,
)
from vext_desktop.supervision.channel import Channel, Header
from vext_desktop.supervision.launch import launch_child

LOG_TAIL_BYTES = 4000

logger = logging.getLogger("vext.supervision")


class EndOfWait(Protocol):
    """What ends a wait from outside; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether what is waited for is wanted no more."""
        ...


class ChildProcess:
    """The parent's side of one child: starts it, talks to it, notices its end, ends it.

    All methods belong to one thread. On Linux the child is also tied to that thread by the
    kernel (PR_SET_PDEATHSIG speaks of the thread that started the child).

    Args:
        role: "engine" or "reader": selects what the child does, and names it in messages.
        options: JSON values that the child gets before anything else.
        log_file: What the child prints and logs goes here.
        environment: Variables set for the child on top of our own.
        cancelled: When set, every wait ends with CancelledError and the child is killed.
    """

    def __init__(
        self,
        role: str,
        options: Header,
        log_file: Path,
        environment: Mapping[str, str] | None = None,
        cancelled: EndOfWait | None = None,
    ) -> None:
        self.role = role
        self.monitor: socket.socket | None = None
        self._options = options
        self._log_file = log_file
        self._environment = dict(environment or {})
        self._cancelled = cancelled or threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._started_at = 0.0
        self._ready: Header | None = None

    @property
    def pid(self) -> int | None:
        """Its process number; None when it is not running."""
        return self._process.pid if self._process is not None else None

    @property
    def is_running(self) -> bool:
        """Whether the process exists and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def ready_header(self) -> Header | None:
        """What the child said of itself when it was ready; None before that."""
        return self._ready

    @property
    def seconds_since_start(self) -> float:
        """How long ago it was started, in seconds."""
        return time.monotonic() - self._started_at

    def start(self) -> None:
        """Start the process and return at once; `wait_ready` tells when it can work.

        Raises:
            ChildError: The system did not let it start.
        """
        if self._process is not None:
            raise RuntimeError(f"the {self.role} process was started already")
        ours, theirs = socket.socketpair()
        monitor_ours, monitor_theirs = socket.socketpair()
        monitor_ours.setblocking(False)
        with theirs, monitor_theirs, self._open_log() as log:
            try:
                self._process = launch_child(
                    self.role, (theirs, monitor_theirs), log.fileno(), self._environment
                )
            except OSError as error:
                ours.close()
                monitor_ours.close()
                raise ChildError(
                    f"The {self.role} process could not be started ({error}).",
                    "Close other programs or restart the computer, then try again.",
                ) from error
        self._started_at = time.monotonic()
        self._channel, self.monitor, self._ready = Channel(ours), monitor_ours, None
        with contextlib.suppress(OSError):  # a child that is gone already is found by wait_ready
            self._channel.send(self._options)

    def wait_ready(self, wait_s: float, limit_s: float) -> bool:
        """Wait up to `wait_s` for the child's word that it is ready.

        Raises:
            ChildDiedError: It ended instead.
            ChildHungError: It is not ready `limit_s` after its start; it has been killed.
            ChildReplyError: It cannot do its work and says why; it has been ended.
        """
        if self._ready is not None:
            return True
        try:
            header, _ = self._receive(time.monotonic() + wait_s)
        except _StillWaitingError:
            if self.seconds_since_start > limit_s:
                raise self._hung(limit_s) from None
            return False
        if "error" in header:
            self.kill()
            raise _reply_error(header)
        self._ready = header
        return True

    def request(
        self, header: Header, payload: bytes | memoryview = b"", *, timeout_s: float
    ) -> tuple[Header, bytes]:
        """Ask for one thing and wait for the answer: `post`, then `await_answer`."""
        self.post(header, payload, timeout_s=timeout_s)
        return self.await_answer(timeout_s=timeout_s)

    def post(self, header: Header, payload: bytes | memoryview = b"", *, timeout_s: float) -> None:
        """Ask for one thing; the next `await_answer` has the answer to it, and must come first.

        Args:
            header: JSON values; `"do"` names the handler in the child.
            payload: Raw bytes that go with it.
            timeout_s: How long the child may take to listen before it counts as hung.

        Raises:
            ChildDiedError: The child ended.
            ChildHungError: It did not listen in time; it has been killed.
            CancelledError: The program is closing; the child has been killed.
        """
        if self._channel is None:
            raise ChildDiedError(self.role, None)
        if self._ready is None:
            raise RuntimeError(f"the {self.role} process was asked before it was ready")
        channel, deadline = self._channel, time.monotonic() + timeout_s
        with self._watching(timeout_s):
            channel.send(header, payload, lambda: self._check_wait(deadline))

    def await_answer(self, *, timeout_s: float) -> tuple[Header, bytes]:
        """Wait for the answer to what was posted last.

        Args:
            timeout_s: How long it may still take before the child counts as hung.

        Returns:
            The answer's JSON values and raw bytes.

        Raises:
            ChildDiedError: The child ended.
            ChildHungError: No answer in time; the child has been killed.
            ChildReplyError: The child answered with an error and lives on.
            CancelledError: The program is closing; the child has been killed.
        """
        with self._watching(timeout_s):
            answer, content = self._receive(time.monotonic() + timeout_s)
        if "error" in answer:
            raise _reply_error(answer)
        return answer, content

    def stop(self, grace_s: float = 2.0) -> None:
        """End the child: it is told by end-of-file, and killed if it does not heed that."""
        if self._process is None:
            return
        self._hang_up()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forget()

    def kill(self) -> None:
        """End the child at once."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._forget()

    @contextlib.contextmanager
    def _watching(self, timeout_s: float) -> Iterator[None]:
        """What can go wrong while we talk, as what it says of the child."""
        try:
            yield
        except _StillWaitingError:
            raise self._hung(timeout_s) from None
        except OSError:
            raise self._died() from None
        except KeyboardInterrupt:
            self.kill()  # its answer, when it comes, must not be taken for that to the next request
            raise

    def _receive(self, deadline: float) -> tuple[Header, bytes]:
        if self._channel is None:
            raise self._died()
        try:
            return self._channel.receive(lambda: self._check_wait(deadline))
        except EOFError:
            raise self._died() from None
        except ValueError as error:
            logger.warning("the %s process sent nonsense: %s", self.role, error)
            if self._process is not None:
                self._process.kill()
            raise self._died() from None

    def _check_wait(self, deadline: float) -> None:
        if self._cancelled.is_set():
            self.kill()
            raise CancelledError("The program is closing.")
        if time.monotonic() > deadline:
            raise _StillWaitingError

    def _died(self) -> ChildDiedError:
        code: int | None = None
        if self._process is not None:
            try:
                code = self._process.wait(2.0)
            except subprocess.TimeoutExpired:  # it closed the channel but lives
                self._process.kill()
                code = self._process.wait()
        tail = self.log_tail()
        self._forget()
        return ChildDiedError(self.role, code, tail)

    def _hung(self, waited_s: float) -> ChildHungError:
        tail = self.log_tail()
        self.kill()
        return ChildHungError(self.role, waited_s, tail)

    def _open_log(self) -> BinaryIO:
        """The file that takes what the child prints; nothing does where none can be written."""
        try:
            self._log_file.parent.mkdir(parents=True, exist_ok=True)
            return self._log_file.open("wb")
        except OSError as error:
            logger.info("the %s process has no log: %s", self.role, error)
            return open(os.devnull, "wb")  # noqa: PTH123 - closed by the caller

    def log_tail(self) -> str:
        """The last lines that the child wrote to its log."""
        try:
            with self._log_file.open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(0, log.tell() - LOG_TAIL_BYTES))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self.monitor is not None:
            self.monitor.close()

    def _forget(self) -> None:
        self._hang_up()
        self._process = self._channel = self.monitor = self._ready = None


class _StillWaitingError(Exception):
    """The wait is over, the child is not."""


def _reply_error(answer: Header) -> ChildReplyError:
    error = ChildReplyError(str(answer["error"]), str(answer.get("message", "")))
    error.hint = str(answer.get("hint", ""))
    error.told = dict(answer.get("facts") or {})
    return error
