"""Recordings of allocations, in whichever of our processes they are wanted."""

from vext_desktop.documents.reader_host import ReaderHost
from vext_desktop.embedding.host import EmbedderHost
from vext_desktop.errors import ChildReplyError, UsageError
from vext_desktop.memory.allocation_trace import AllocationTrace, TraceRecorder
from vext_desktop.readings import ProcessRole
from vext_desktop.supervision.channel import Header


class AllocationTracer:
    """Begins and ends recordings in this process and in its children; belongs to one thread.

    Args:
        own: Records in this process.
        host: The engine; one without a process of its own is recorded as part of this one.
        reader: The reader.
    """

    def __init__(self, own: TraceRecorder, host: EmbedderHost, reader: ReaderHost) -> None:
        self._own = own
        self._host = host
        self._reader = reader

    def start(self, role: ProcessRole, frames: int = 1, *, native: bool = False) -> None:
        """Begin to record.

        Args:
            role: Which process.
            frames: How many frames of each allocation are kept, 1 to 25.
            native: With memray.

        Raises:
            UsageError: The process is not running, a recording is on, or memray is not there.
        """
        if self._is_own(role):
            self._own.start(frames, native=native)
        else:
            self._ask(role, {"do": "trace_start", "frames": frames, "native": native})

    def stop(self, role: ProcessRole) -> AllocationTrace:
        """End the recording and sum it up.

        Raises:
            UsageError: There is none: the process ended or was replaced meanwhile.
        """
        if self._is_own(role):
            return self._own.stop()
        return AllocationTrace.from_json(self._ask(role, {"do": "trace_stop"}))

    def _is_own(self, role: ProcessRole) -> bool:
        in_thread = self._host.info is not None and self._host.pid is None
        return role is ProcessRole.WINDOW or (role is ProcessRole.ENGINE and in_thread)

    def _ask(self, role: ProcessRole, question: Header) -> Header:
        child = self._host if role is ProcessRole.ENGINE else self._reader
        try:
            answer = child.ask(question)
        except ChildReplyError as error:
            raise UsageError(error.message, error.hint) from error
        if answer is None:
            raise UsageError(
                f"The {role} process is not running, so its allocations cannot be recorded.",
                "Begin to index or to search, which starts it, and record then.",
            )
        return answer
