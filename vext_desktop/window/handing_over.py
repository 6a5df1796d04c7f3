"""A second start hands what it was given to the window that is open, through a socket of theirs.

The socket lies in the data folder, so whoever may not look into that cannot reach it either. The
system looks after it where it has such sockets; Python has none for Windows, where a second start
is told that the data folder is in use.
"""

import contextlib
import hashlib
import json
import logging
import os
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

from vext_desktop.paths import Paths

log = logging.getLogger("vext.window")

CAN_HAND_OVER = hasattr(socket, "AF_UNIX") and hasattr(os, "getuid")
# How long a window may take to answer; it does so between two steps of its event loop.
ANSWER_LIMIT_S = 3.0
# A socket's address has 104 bytes on macOS and 108 on Linux, with a zero at its end.
LONGEST_ADDRESS = 100
LONGEST_MESSAGE = 4_000_000
TAKEN = b"taken\n"


def hand_over(paths: Paths, files: Sequence[Path]) -> bool:
    """Give folders and files to the window that has this data folder open, if there is one.

    Args:
        paths: The data folder.
        files: What to index there; with none, the window only comes to the front.

    Returns:
        Whether a window has taken them.
    """
    place = _place(paths)
    message = json.dumps({"files": [str(file) for file in files]}).encode() + b"\n"
    try:
        if not CAN_HAND_OVER or place.stat().st_uid != os.getuid():
            return False  # what another user put there is no window of ours
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER_LIMIT_S)
            line.connect(os.fspath(place))
            line.sendall(message)
            return line.recv(len(TAKEN)) == TAKEN
    except OSError:
        return False  # nobody is there, or nobody who answers


class HandOverServer(QObject):
    """Listens for second starts, on the thread of the window.

    Args:
        paths: The data folder, which this program holds.
        parent: The owner.
    """

    received = Signal(object)
    """The folders and files that a second start was given: a tuple of Path, also an empty one."""

    def __init__(self, paths: Paths, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._place = _place(paths)
        self._door: socket.socket | None = None
        self._bell: QSocketNotifier | None = None
        self._callers: set[_Caller] = set()
        self._is_closed = False

    @Slot()
    def listen(self) -> None:
        """Begin to listen; where that cannot be, second starts are refused as before."""
        if not CAN_HAND_OVER or self._is_closed or self._door is not None:
            return
        if _answers(self._place):
            return  # this data folder is only open for reading here
        door = socket.socket(socket.AF_UNIX)
        try:
            with contextlib.suppress(FileNotFoundError):
                self._place.unlink()  # left behind by a program that was killed
            door.bind(os.fspath(self._place))
            self._place.chmod(0o600)
            door.listen()
            door.setblocking(False)
        except OSError as error:
            door.close()
            log.info("Second starts cannot be heard: %s", error)
            return
        self._door = door
        self._bell = QSocketNotifier(door.fileno(), QSocketNotifier.Type.Read, self)
        self._bell.activated.connect(self._on_called)

    def close(self) -> None:
        """Listen no more, also if `listen` is still to come; harmless a second time."""
        self._is_closed = True
        for caller in tuple(self._callers):
            caller.hang_up()
        if self._bell is not None:
            self._bell.setEnabled(False)
            self._bell.deleteLater()
        if self._door is not None:
            self._door.close()
            with contextlib.suppress(OSError):
                self._place.unlink()
        self._door = self._bell = None

    @Slot()
    def _on_called(self) -> None:
        if self._door is None:
            return
        with contextlib.suppress(OSError):  # who has called has hung up already
            line, _ = self._door.accept()
            caller = _Caller(line, self)
            self._callers.add(caller)
            caller.ended.connect(self._on_ended)

    @Slot(object, object)
    def _on_ended(self, caller: "_Caller", files: tuple[Path, ...] | None) -> None:
        self._callers.discard(caller)
        caller.deleteLater()
        if files is not None:
            self.received.emit(files)


class _Caller(QObject):
    """One second start: hears its message out, and answers."""

    ended = Signal(object, object)  # itself; its files, or None if it said nothing of use

    def __init__(self, line: socket.socket, parent: QObject) -> None:
        super().__init__(parent)
        line.setblocking(False)
        self._line = line
        self._heard = bytearray()
        self._bell = QSocketNotifier(line.fileno(), QSocketNotifier.Type.Read, self)
        self._bell.activated.connect(self._on_spoken)

    def hang_up(self, files: tuple[Path, ...] | None = None) -> None:
        """End the call."""
        self._bell.setEnabled(False)
        self._line.close()
        self.ended.emit(self, files)

    @Slot()
    def _on_spoken(self) -> None:
        try:
            part = self._line.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        self._heard += part
        if self._heard.endswith(b"\n"):
            files = _files_in(self._heard)
            if files is not None:
                with contextlib.suppress(OSError):
                    self._line.send(TAKEN)
            self.hang_up(files)
        elif not part or len(self._heard) > LONGEST_MESSAGE:
            self.hang_up()


def _files_in(message: bytes | bytearray) -> tuple[Path, ...] | None:
    """The files that a second start names; None if it is none that we know."""
    try:
        said = json.loads(message)
        files = tuple(Path(file) for file in said["files"])
    except (ValueError, KeyError, TypeError):
        return None
    return files if all(file.is_absolute() for file in files) else None


def _answers(place: Path) -> bool:
    """Whether somebody listens there; a socket without a program behind it refuses."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(ANSWER_LIMIT_S)
        try:
            line.connect(os.fspath(place))
        except OSError:
            return False
        return True


def _place(paths: Paths) -> Path:
    """In the data folder, or named after it where its own name is too long for an address."""
    place = paths.window_socket
    if not CAN_HAND_OVER or len(os.fsencode(place)) <= LONGEST_ADDRESS:
        return place
    name = hashlib.sha256(os.fsencode(paths.data_dir.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"vext-desktop-{os.getuid()}-{name}.socket"
