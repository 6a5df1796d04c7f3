"""A child process that does what a test tells it, for the tests of supervision."""

import ctypes
import os
import signal
import struct
import sys
import time

from vext_desktop.errors import ModelError
from vext_desktop.supervision.channel import Channel, Header
from vext_desktop.supervision.child import accept_parent, refuse, serve, start_beat

Answer = tuple[Header, bytes]


def echo(header: Header, payload: bytes) -> Answer:
    return {"echo": header}, payload


def fail(_header: Header, _payload: bytes) -> Answer:
    raise ModelError("It did not work.", "Try something else.")


def run_out_of_memory(_header: Header, _payload: bytes) -> Answer:
    raise MemoryError


def crash(_header: Header, _payload: bytes) -> Answer:
    print("last words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}, b""


def leave(header: Header, _payload: bytes) -> Answer:
    os._exit(header["code"])


def work_natively(header: Header, _payload: bytes) -> Answer:
    """In native code for a minute, with or without the interpreter lock."""
    library = ctypes.PyDLL(None) if header["holds_lock"] else ctypes.CDLL(None)
    library.sleep(60)
    return {}, b""


def send_raw(channel: Channel, kind: str) -> None:
    """Send what is no frame of ours."""
    raw = {
        "noise": b"\xff" * 64,
        "no JSON": struct.pack(">IQ", 3, 0) + b"{x}",
        "no object": struct.pack(">IQ", 2, 0) + b"[]",
        "deep": struct.pack(">IQ", 200_000, 0) + b"[" * 200_000,
        "too large": struct.pack(">IQ", 2, 1 << 40) + b"{}",
    }[kind]
    channel._socket.sendall(raw)
    time.sleep(60)


def trickle(channel: Channel) -> None:
    """Never silent for long, never done."""
    channel._socket.sendall(struct.pack(">IQ", 1_000_000, 0))
    while True:
        channel._socket.sendall(b" ")
        time.sleep(0.02)


def main() -> None:
    channel, monitor, options = accept_parent(sys.argv[3:])
    start_beat(monitor, lambda: {"pid": os.getpid()})
    match options.get("start"):
        case "crash":
            crash({}, b"")
        case "hang":
            time.sleep(60)
        case "refuse":
            refuse(channel, ModelError("There is no model.", "Install it."))
            return
        case "trickle":
            trickle(channel)
        case str() as kind:
            send_raw(channel, kind)
    handlers = {
        "echo": echo,
        "fail": fail,
        "run_out_of_memory": run_out_of_memory,
        "crash": crash,
        "leave": leave,
        "work_natively": work_natively,
        "trickle": lambda header, payload: trickle(channel),
    }
    ready = {"arguments": sys.argv[1:3], "variable": os.environ.get("CHILD_VARIABLE")}
    serve(channel, handlers, ready, lambda: {"pid": os.getpid()})


if __name__ == "__main__":
    main()
