"""Which process a recording is asked of, and what is said when it is not there."""

import pytest
from fakes import FlakyHost

from vext_desktop.errors import ChildReplyError, UsageError
from vext_desktop.index.tracing import AllocationTracer
from vext_desktop.memory.allocation_trace import AllocationTrace, TracedLine, TraceRecorder
from vext_desktop.readings import ProcessRole

TRACE = AllocationTrace("tracemalloc", 1.0, 10, 1, (TracedLine("a.py:1", 10, 1),))


class AskedHost(FlakyHost):
    """Notes the questions; a reader answers like an engine."""

    def __init__(self, *, pid: int | None = 7, error: ChildReplyError | None = None) -> None:
        super().__init__()
        self.pid = pid
        self.questions: list[dict[str, object]] = []
        self._error = error

    def ask(self, question: dict[str, object]) -> dict[str, object] | None:
        self.questions.append(question)
        if self._error is not None:
            raise self._error
        if self.pid is None:
            return None
        return TRACE.to_json() if question["do"] == "trace_stop" else {}


def tracer(host: AskedHost, reader: AskedHost) -> AllocationTracer:
    return AllocationTracer(TraceRecorder(), host, reader)  # type: ignore[arg-type]


def test_the_engine_is_asked_with_what_was_chosen() -> None:
    host, reader = AskedHost(), AskedHost()
    both = tracer(host, reader)
    both.start(ProcessRole.ENGINE, 5, native=True)
    assert both.stop(ProcessRole.ENGINE) == TRACE
    assert host.questions == [
        {"do": "trace_start", "frames": 5, "native": True},
        {"do": "trace_stop"},
    ]
    assert reader.questions == []


def test_a_reader_that_is_not_running_is_told_with_a_hint() -> None:
    with pytest.raises(UsageError, match="reader process is not running") as caught:
        tracer(AskedHost(), AskedHost(pid=None)).start(ProcessRole.READER)
    assert caught.value.hint


def test_a_child_s_refusal_reaches_the_user_as_it_is() -> None:
    error = ChildReplyError("UsageError", "There is no recording to end.")
    with pytest.raises(UsageError, match="There is no recording to end"):
        tracer(AskedHost(error=error), AskedHost()).stop(ProcessRole.ENGINE)


def test_an_engine_in_this_process_is_recorded_with_it() -> None:
    host = AskedHost(pid=None)
    host.is_ready(0)
    both = tracer(host, AskedHost())
    both.start(ProcessRole.ENGINE)
    kept = bytearray(500_000)
    trace = both.stop(ProcessRole.ENGINE)
    assert trace.lines[0].size_bytes >= len(kept)
    assert host.questions == []
