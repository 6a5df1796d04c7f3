"""The child's side: take over the sockets, answer requests, end with the parent."""

import contextlib
import ctypes
import json
import logging
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping

from vext_desktop.errors import VextError
from vext_desktop.supervision.channel import Channel, Header

Handler = Callable[[Header, bytes], tuple[Header, bytes | memoryview]]

BEAT_SECONDS = 0.25
# From -1000 to 1000 (proc(5)); the program itself has 0 where nobody has said otherwise.
OOM_SCORE = 500

logger = logging.getLogger("vext.supervision")


def accept_parent(arguments: list[str]) -> tuple[Channel, socket.socket, Header]:
    """In the child: take over the sockets and the options that the parent sent.

    Args:
        arguments: What followed the role on the command line.

    Returns:
        The channel, the one-way socket for memory readings, and the options.

    Raises:
        EOFError: The parent is gone already.
    """
    if sys.platform == "win32":
        endpoints = []
        for _ in range(2):
            (length,) = struct.unpack(">I", sys.stdin.buffer.read(4))
            endpoints.append(socket.fromshare(sys.stdin.buffer.read(length)))
    else:
        endpoints = [socket.socket(fileno=int(number)) for number in arguments[:2]]
    die_with_parent()
    _offer_to_die_first()
    channel = Channel(endpoints[0])
    options, _ = channel.receive()
    return channel, endpoints[1], options


def start_beat(monitor: socket.socket, probe: Callable[[], Header]) -> None:
    """In the child, before the long work of loading: report memory, and notice a lost parent.

    Args:
        monitor: The one-way socket for memory readings.
        probe: Reads this process's memory; called four times a second by a thread of its own.
    """
    threading.Thread(target=_beat, args=(monitor, probe), name="beat", daemon=True).start()


def serve(
    channel: Channel, handlers: Mapping[str, Handler], ready: Header, probe: Callable[[], Header]
) -> None:
    """In the child: say that we are ready, then answer requests until the parent is gone.

    Args:
        channel: The channel to the parent.
        handlers: What can be asked, by the name in `"do"`.
        ready: What the parent should know of this child.
        probe: Reads this process's memory; goes out with every answer that has no reading.
    """
    answer: Header = ready
    content: bytes | memoryview = b""
    while True:
        try:
            channel.send({"reading": probe(), **answer}, content)
            header, payload = channel.receive()
        except (EOFError, OSError):
            return
        answer, content = _answer(handlers, header, payload)


def _answer(
    handlers: Mapping[str, Handler], header: Header, payload: bytes
) -> tuple[Header, bytes | memoryview]:
    try:
        return handlers[str(header["do"])](header, payload)
    except MemoryError:
        raise  # a process that ran out of memory is not to be trusted any more
    except Exception as error:
        logger.warning("%s failed", header.get("do"), exc_info=True)
        return _error_answer(error), b""


def refuse(channel: Channel, error: Exception) -> None:
    """In the child: say instead of "ready" why this child cannot work."""
    with contextlib.suppress(OSError):
        channel.send(_error_answer(error))


def _error_answer(error: Exception) -> Header:
    known = error if isinstance(error, VextError) else VextError("")
    return {
        "error": type(error).__name__,
        "message": str(error),
        "hint": known.hint,
        "facts": known.facts,
    }


def _beat(monitor: socket.socket, probe: Callable[[], Header]) -> None:
    """Report memory while the main thread is busy; end the process when the parent is gone."""
    monitor.setblocking(False)
    while True:
        try:
            monitor.send(json.dumps(probe()).encode("ascii") + b"\n")
        except BlockingIOError:
            pass  # nobody is looking at the readings just now
        except OSError:
            # The parent is gone, and the main thread may be in native code for a long time.
            os._exit(0)
        time.sleep(BEAT_SECONDS)


def _offer_to_die_first() -> None:
    """If memory runs out, the system ends us and not the program, which can start us again."""
    if sys.platform.startswith("linux"):
        with (
            contextlib.suppress(OSError),
            open("/proc/self/oom_score_adj", "w", encoding="ascii") as score,  # noqa: PTH123
        ):
            score.write(str(OOM_SCORE))


def die_with_parent() -> None:
    """Ask the kernel to end us with the parent, even if we hang in native code by then."""
    if not sys.platform.startswith("linux"):
        return
    pr_set_pdeathsig = 1  # from <sys/prctl.h>
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
