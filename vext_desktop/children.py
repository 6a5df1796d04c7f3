"""What a child process does from its first line to its last."""

import faulthandler
import gc
import logging
import socket
import sys

from vext_desktop.logs import LOG_FORMAT
from vext_desktop.memory.allocation_trace import TraceRecorder
from vext_desktop.memory.allocator import (
    free_process_memory,
    prepare_engine_allocator,
    settle,
    trim,
)
from vext_desktop.memory.library_pages import LibraryPages, release_library_pages
from vext_desktop.memory.probe import Probe, create_probe, note_trimmed, reading_to_json
from vext_desktop.memory.sparing_probe import SparingProbe
from vext_desktop.readings import ProcessRole
from vext_desktop.supervision.channel import Channel, Header
from vext_desktop.supervision.child import (
    Handler,
    accept_parent,
    die_with_parent,
    refuse,
    serve,
    start_beat,
)
from vext_desktop.supervision.launch import PREPARER_ROLE

_BUSIEST_REQUEST = {ProcessRole.ENGINE: "embed", ProcessRole.READER: "open"}
# The engine held 7 MB after 1300 batches; giving that back and taking it again costs some ms.
REQUESTS_PER_TRIM = 64

logger = logging.getLogger("vext.supervision")


def run_child(arguments: list[str]) -> int:
    """Be the child that the arguments name, until the parent is gone; returns the exit code.

    Args:
        arguments: The role ("engine" or "reader"), then what `accept_parent` needs; or
            "preparer", then what `run_preparer` needs.
    """
    faulthandler.enable()
    logging.basicConfig(stream=sys.stderr, format=LOG_FORMAT)  # the parent keeps it in a file
    if arguments[0] == PREPARER_ROLE:
        from vext_desktop.embedding.onnx_preparer import run_preparer  # noqa: PLC0415 - heavy

        die_with_parent()
        return run_preparer(arguments[1:])
    role = ProcessRole(arguments[0])
    try:
        channel, monitor, options = accept_parent(arguments[1:])
    except EOFError:
        return 0  # the parent was gone before it could say what it wants
    _work(role, channel, monitor, options)
    return 0


def _work(role: ProcessRole, channel: Channel, monitor: socket.socket, options: Header) -> None:
    if role is ProcessRole.ENGINE:
        prepare_engine_allocator()  # counts only as long as there is one thread
    probe = create_probe(role)
    beat_probe = SparingProbe(probe)

    def read_cheaply() -> Header:
        return reading_to_json(probe.read())

    start_beat(monitor, lambda: reading_to_json(beat_probe.read()))
    try:
        handlers, ready = _load(role, options)
    except Exception as error:
        logger.exception("the %s process cannot work", role)
        refuse(channel, error)
        return
    settle()
    note_trimmed(probe)
    release_library_pages()
    busiest = _BUSIEST_REQUEST[role]
    handlers[busiest] = trimming(handlers[busiest])
    asked = {**handlers, **_memory_handlers(probe), **_trace_handlers()}
    serve(channel, asked, ready, read_cheaply)


def trimming(handle: Handler) -> Handler:
    """The handler, with a clean-up now and then: what varying texts need in passing adds up.

    Parsers leave circles of objects behind. The collector looks for old ones only when a quarter
    of all is new: 0.2 MB of them was there after 200 files. Asked here it takes some milliseconds.
    """
    requests, pages = 0, LibraryPages()

    def handle_and_trim(header: Header, payload: bytes) -> tuple[Header, bytes | memoryview]:
        nonlocal requests
        requests += 1
        if requests % REQUESTS_PER_TRIM == 0:
            gc.collect()
            trim()
            pages.release_if_due()
        return handle(header, payload)

    return handle_and_trim


def _load(role: ProcessRole, options: Header) -> tuple[dict[str, Handler], Header]:
    """Import and build what this child works with; each child loads only its own."""
    if role is ProcessRole.ENGINE:
        from vext_desktop.embedding.engine_child import engine_handlers  # noqa: PLC0415 - heavy

        return engine_handlers(options)
    from vext_desktop.documents.reader_child import reader_handlers  # noqa: PLC0415 - heavy

    return reader_handlers(options)


def _memory_handlers(probe: Probe) -> dict[str, Handler]:
    """What every child can be asked about its memory."""

    def read_memory(_header: Header, _payload: bytes) -> tuple[Header, bytes]:
        # Takes the place of the cheap reading that goes out with every other answer.
        return {"reading": reading_to_json(probe.read_exactly())}, b""

    def free_memory(_header: Header, _payload: bytes) -> tuple[Header, bytes]:
        free_process_memory()
        note_trimmed(probe)
        return {}, b""

    return {"read_memory": read_memory, "free_memory": free_memory}


def _trace_handlers() -> dict[str, Handler]:
    """Every child can record its allocations: `"trace_start"` with `"frames"` and `"native"`.

    `"trace_stop"` answers with an `AllocationTrace` as JSON values.
    """
    recorder = TraceRecorder()

    def start(header: Header, _payload: bytes) -> tuple[Header, bytes]:
        recorder.start(int(header["frames"]), native=bool(header["native"]))
        return {}, b""

    def stop(_header: Header, _payload: bytes) -> tuple[Header, bytes]:
        return recorder.stop().to_json(), b""

    return {"trace_start": start, "trace_stop": stop}
