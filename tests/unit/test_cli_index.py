"""`index` and `memory-test`: what they print, what Ctrl-C does, and how they end."""

import json
import os
import signal
import threading
from pathlib import Path

import pytest
from fake_engine import MB, MEMORY_REPORT, READING, SUMMARY, FakeEngine, batch, usual_run

from vext_desktop.cli.main import main
from vext_desktop.events import (
    BatchRetried,
    BatchSizeChanged,
    ChildDied,
    ChunkSetAside,
    CleanupFinished,
    MemoryWarned,
    RunEnd,
    RunFinished,
    RunHalted,
    WarningKind,
)
from vext_desktop.index.request import IndexRequest
from vext_desktop.readings import CleanupAction, CleanupReceipt, ProcessRole


def run(engine: FakeEngine, *arguments: str) -> int:
    return main(list(arguments), engine.create)


def test_json_is_the_summary_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(usual_run())
    assert run(engine, "index", str(tmp_path), "--json") == 0
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert json.loads(said.out) == SUMMARY
    assert said.err == ""
    assert engine.calls == ["open", IndexRequest((tmp_path,)), "close"]


def test_a_run_after_one_that_was_broken_off_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(usual_run())
    engine.was_broken_off = True
    assert run(engine, "index", str(tmp_path), "--json") == 0
    said = capsys.readouterr().err
    assert said.startswith("notice: The last run did not come to its end")
    assert said.count("\n") == 1


def test_what_is_to_be_tried_again_is_passed_on(tmp_path: Path) -> None:
    engine = FakeEngine(usual_run())
    again = ["--retry", str(tmp_path / "a"), "--read-anyway", str(tmp_path / "b")]
    for name in ("a", "b"):
        (tmp_path / name).touch()
    assert run(engine, *again, "index", "--json") == 0
    assert IndexRequest((), (tmp_path / "a",), (tmp_path / "b",)) in engine.calls


def test_a_person_sees_counts_reasons_and_the_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FakeEngine(usual_run()), "index", str(tmp_path)) == 0
    said = capsys.readouterr()
    assert "1 file indexed, 2 unchanged, 0 removed, 1 set aside." in said.out
    assert "8 chunks in 2.5 s (3.2 per second); at most 640 MB of memory." in said.out
    assert "Memory is steady." in said.out
    assert "/d/scan.pdf" in said.out
    assert "4 files found, 2 to read (2 kB), 2 unchanged" in said.err
    assert "set aside: /d/scan.pdf: Only pictures." in said.err


def test_what_goes_wrong_on_the_way_is_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = CleanupReceipt(CleanupAction.RELOAD_MODEL, "budget", READING, READING, 2.0)
    events = [
        ChildDied(ProcessRole.ENGINE, "signal SIGKILL", 520 * MB, 3, ("/d/a.txt",), ""),
        BatchRetried(3, 2, 4, "The engine process ended."),
        MemoryWarned(WarningKind.RSS_OVER_LIMIT, 2, 1, 3, "/d/a.txt", "Over the line."),
        CleanupFinished(receipt),
        BatchSizeChanged(4, "Memory stayed over the budget."),
        ChunkSetAside("/d/a.txt", 10, 20, "not a number"),
    ]
    assert run(FakeEngine([*events, *usual_run()]), "index", str(tmp_path)) == 0
    death, *lines = capsys.readouterr().err.splitlines()[:6]
    assert death.startswith("The engine process ended (signal SIGKILL) at 520 MB, while it")
    assert "/d/a.txt" in death
    assert lines == [
        "Batch 3 is tried again (2): The engine process ended.",
        "memory: Over the line.",
        "memory: Reload model gave back nothing in 2.0 s.",
        "memory: batches of 4 from now on. Memory stayed over the budget.",
        "set aside: characters 10 to 20 of /d/a.txt: not a number",
    ]


def test_a_path_that_does_not_exist_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(usual_run())
    assert run(engine, "index", str(tmp_path), str(tmp_path / "gone")) == 2
    assert "There is no file or folder" in capsys.readouterr().err
    assert engine.calls == []


def test_an_empty_word_does_not_stand_for_the_current_folder() -> None:
    engine = FakeEngine(usual_run())
    assert run(engine, "index", "") == 2
    assert engine.calls == []


def test_a_run_that_cannot_go_on_prints_its_summary_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [RunHalted("The disk is full.", "Make room."), *usual_run(RunEnd.HALTED)]
    assert run(FakeEngine(events), "index", str(tmp_path), "--json") == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == SUMMARY
    assert said.err == "error: The disk is full.\nhint: Make room.\n"


def interrupt(_stopped: threading.Event) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_interrupt_stops_the_run_and_the_exit_code_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[bool] = []

    def look(stopped: threading.Event) -> None:
        seen.append(stopped.is_set())

    events = [look, interrupt, look, *usual_run(RunEnd.STOPPED)]
    assert run(FakeEngine(events), "index", str(tmp_path), "--json") == 130
    said = capsys.readouterr()
    assert seen == [False, True]
    assert json.loads(said.out) == SUMMARY
    assert "Stopping after the batch in hand" in said.err


def test_the_second_interrupt_ends_everything_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine([interrupt, interrupt, *usual_run()])
    assert run(engine, "index", str(tmp_path), "--json") == 130
    assert capsys.readouterr().out == ""
    assert engine.calls[-1] == "close"


def test_afterwards_an_interrupt_means_what_it_meant_before(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    run(FakeEngine([interrupt, *usual_run()]), "index", str(tmp_path), "--json")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_pause_is_kept_and_a_stop_cuts_it_short(tmp_path: Path) -> None:
    def stop_soon(_stopped: threading.Event) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.05)

    def on_alarm(_number: int, _frame: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGALRM, on_alarm)
    try:
        events = [stop_soon, batch(pause_s=60.0), *usual_run(RunEnd.STOPPED)]
        assert run(FakeEngine(events), "index", str(tmp_path), "--json") == 130
    finally:
        signal.signal(signal.SIGALRM, before)


def test_names_that_are_no_text_survive_in_json_and_are_printable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"/d/caf\xe9\x1b[2J.txt")
    summary = {**SUMMARY, "set_aside": [{"path": name, "kind": "damaged", "reason": "Broken."}]}
    events = [RunFinished(1, RunEnd.FINISHED, summary)]
    assert run(FakeEngine(events), "index", str(tmp_path), "--json") == 0
    out = capsys.readouterr().out
    assert os.fsencode(json.loads(out)["set_aside"][0]["path"]) == b"/d/caf\xe9\x1b[2J.txt"
    assert run(FakeEngine(events), "index", str(tmp_path)) == 0
    assert "\x1b[2J" not in capsys.readouterr().out


def test_memory_test_prints_its_report(capsys: pytest.CaptureFixture[str]) -> None:
    events = [batch(), RunFinished(0, RunEnd.FINISHED, MEMORY_REPORT)]
    engine = FakeEngine(events)
    assert run(engine, "memory-test", "--batches", "12", "--json") == 0
    assert json.loads(capsys.readouterr().out) == MEMORY_REPORT
    assert engine.calls == ["look", 12, "close"]


def test_memory_test_tells_a_person_what_is_not_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    events = [RunFinished(0, RunEnd.FINISHED, MEMORY_REPORT)]
    assert run(FakeEngine(events), "memory-test") == 0
    out = capsys.readouterr().out
    assert "600.0 MB" in out
    assert "+50.0 MB" in out
    assert "engine rss   not yet known" in out
    assert "engine heap  +0.01 MB" in out
    held = next(line for line in out.splitlines() if line.startswith("Native, free but held"))
    assert held.split()[4:] == ["not", "known", "90.0", "MB", "2.0", "MB", "not", "known"]
    assert "98.0 %" in out
    assert "Free memory gave back 40 MB in 21 ms." in out


def test_memory_test_prints_which_lines_hold_memory(capsys: pytest.CaptureFixture[str]) -> None:
    events = [RunFinished(0, RunEnd.FINISHED, MEMORY_REPORT)]
    engine = FakeEngine(events)
    assert run(engine, "memory-test", "--trace", "--trace-frames", "5") == 0
    assert ("trace", "engine", 5, False) in engine.calls
    out = capsys.readouterr().out
    assert "4 MB in 40 blocks were allocated and not freed (tracemalloc)." in out
    assert "torch/nn/linear.py:116  +3 MB" in out
    assert run(FakeEngine(events), "memory-test", "--trace", "window", "--json") == 0
    assert json.loads(capsys.readouterr().out)["trace"]["lines"][0]["blocks"] == 12


def test_a_trace_that_is_lost_costs_no_report(capsys: pytest.CaptureFixture[str]) -> None:
    engine = FakeEngine([RunFinished(0, RunEnd.FINISHED, MEMORY_REPORT)])
    engine.is_trace_lost = True
    assert run(engine, "memory-test", "--trace", "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {**MEMORY_REPORT, "trace": None}
    assert said.err == "notice: There is no recording to end.\n"


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_memory_test_wants_a_number_of_batches(number: str) -> None:
    engine = FakeEngine()
    assert run(engine, "memory-test", "--batches", number) == 2
    assert engine.calls == []
