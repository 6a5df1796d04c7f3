"""The parent's side of a child process."""

import contextlib
import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from vext_desktop.errors import CancelledError, ChildDiedError, ChildError, ChildHungError, ChildReplyError
from vext_desktop.supervision.channel import CHILD_FLAG, Channel, Header

LOG_TAIL_BYTES = 4000

logger = logging.getLogger("vext.supervision")


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
        cancelled: threading.Event | None = None,
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
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with theirs, monitor_theirs, self._log_file.open("wb") as log:
            try:
                self._process = _launch(
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
        """Ask for one thing and wait for the answer.

        Args:
            header: JSON values; `"do"` names the handler in the child.
            payload: Raw bytes that go with it.
            timeout_s: How long an answer may take before the child counts as hung.

        Returns:
            The answer's JSON values and raw bytes.

        Raises:
            ChildDiedError: The child ended.
            ChildHungError: No answer in time; the child has been killed.
            ChildReplyError: The child answered with an error and lives on.
            CancelledError: The program is closing; the child has been killed.
        """
        if self._channel is None:
            raise ChildDiedError(self.role, None)
        if self._ready is None:
            raise RuntimeError(f"the {self.role} process was asked before it was ready")
        deadline = time.monotonic() + timeout_s
        try:
            self._channel.send(header, payload, lambda: self._check_wait(deadline))
            answer, content = self._receive(deadline)
        except _StillWaitingError:
            raise self._hung(timeout_s) from None
        except OSError:
            raise self._died() from None
        if "error" in answer:
            raise _reply_error(answer)
        return answer, content

    def stop(self, grace_s: float = 2.0) -> None:
        """End the child: it is told by end-of-file, and killed if it does not heed that."""
        if self._process is None:
            return
        if self._channel is not None:
            self._channel.close()
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

    def log_tail(self) -> str:
        """The last lines that the child wrote to its log."""
        try:
            with self._log_file.open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(0, log.tell() - LOG_TAIL_BYTES))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def _forget(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self.monitor is not None:
            self.monitor.close()
        self._process = self._channel = self.monitor = self._ready = None


class _StillWaitingError(Exception):
    """The wait is over, the child is not."""


def _reply_error(answer: Header) -> ChildReplyError:
    error = ChildReplyError(str(answer["error"]), str(answer.get("message", "")))
    error.hint = str(answer.get("hint", ""))
    return error


def _launch(
    role: str,
    endpoints: tuple[socket.socket, socket.socket],
    log_fd: int,
    environment: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start a fresh interpreter (or ourselves, when frozen) that serves the two sockets."""
    command = [sys.executable]
    if not getattr(sys, "frozen", False):
        # -P: the current folder may be the user's documents; no module is imported from there.
        command += ["-P", "-m", "vext_desktop"]
    command += [CHILD_FLAG, role]
    variables = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
    if sys.platform == "win32":
        return _launch_on_windows(command, endpoints, log_fd, variables)
    numbers = [endpoint.fileno() for endpoint in endpoints]
    return subprocess.Popen(  # noqa: S603 - our own program
        [*command, *map(str, numbers)],
        stdin=subprocess.DEVNULL,
        stdout=log_fd,
        stderr=log_fd,
        env=variables,
        pass_fds=numbers,
        process_group=0,  # Ctrl-C in the terminal is for the parent, who tells the child
    )


if sys.platform == "win32":

    def _launch_on_windows(
        command: list[str],
        endpoints: tuple[socket.socket, socket.socket],
        log_fd: int,
        variables: dict[str, str],
    ) -> subprocess.Popen[bytes]:
        """Hand the sockets over by description on standard input: they have no numbers here."""
        base = getattr(sys, "_base_executable", sys.executable)
        if base != sys.executable:
            # A venv's python.exe only starts another process, which could not be given the
            # sockets and would survive kill(); multiprocessing goes round it in the same way.
            command = [base, *command[1:]]
            variables = {**variables, "__PYVENV_LAUNCHER__": sys.executable}
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=log_fd,
            stderr=log_fd,
            env=variables,
            creationflags=subprocess.CREATE_NO_WINDOW,
        )
        with process.stdin as pipe:  # type: ignore[union-attr]  # PIPE makes it a stream
            for endpoint in endpoints:
                shared = endpoint.share(process.pid)
                pipe.write(struct.pack(">I", len(shared)) + shared)
        return process
