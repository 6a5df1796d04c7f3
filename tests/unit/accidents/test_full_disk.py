"""A disk that fills up: the run halts with a sentence, nothing breaks, and it goes on later."""

import errno
import logging
import shutil
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disk_stage import fill, small_disk
from rebuild_stage import only, read_serving

from vext_desktop.engine import Engine
from vext_desktop.errors import DiskFullError, StoreError
from vext_desktop.events import (
    BatchFinished,
    FileStarted,
    GroupWritten,
    IndexEvent,
    RoomShort,
    RunEnd,
    RunHalted,
    ScanFinished,
)
from vext_desktop.index import room, store, tidying
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.room import Reserve, is_disk_full
from vext_desktop.index.search import SearchMode, SearchRequest
from vext_desktop.logs import start_logging, stop_logging
from vext_desktop.settings.sources import change_settings_file

DISK_BYTES = 24 << 20
LITTLE_BYTES = 2 << 20
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil gives it


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small disk, of which correspondingly little is kept free."""
    for module in (room, store):
        monkeypatch.setattr(module, "MIN_FREE_BYTES", LITTLE_BYTES)
    with small_disk(tmp_path / "disk", DISK_BYTES) as place:
        yield place


def run(
    engine: Engine, documents: Path, on_event: Callable[[IndexEvent], None] | None = None
) -> list[IndexEvent]:
    events = []
    for event in engine.index(IndexRequest((documents,)), threading.Event()):
        events.append(event)
        if on_event is not None:
            on_event(event)
    return events


@pytest.fixture
def undisturbed(
    tmp_path: Path, documents: Path, create_engine: Callable[[Path], Engine]
) -> set[tuple[str, int, int]]:
    engine = create_engine(tmp_path / "undisturbed")
    engine.open()
    run(engine, documents)
    engine.close()
    return read_serving(tmp_path / "undisturbed")[1]


@pytest.mark.parametrize(
    ("moment", "is_guarded"),
    [
        (ScanFinished, True),
        (GroupWritten, True),
        (FileStarted, False),
        (BatchFinished, False),
        (GroupWritten, False),
    ],
)
@pytest.mark.usefixtures("expected_warnings")
def test_a_disk_that_fills_up_halts_the_run_and_costs_nothing(
    moment: type,
    is_guarded: bool,
    disk: Path,
    documents: Path,
    create_engine: Callable[[Path], Engine],
    undisturbed: set[tuple[str, int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_guarded:
        # As when something else takes the last room between the look and the writing.
        plenty = Usage(1 << 40, 0, 1 << 40)
        monkeypatch.setattr(room.shutil, "disk_usage", lambda _: plenty)
    engine = create_engine(disk / "data")
    engine.open()
    ballast: list[Path] = []

    def fill_once(event: IndexEvent) -> None:
        if isinstance(event, moment) and not ballast:
            ballast.append(fill(disk))

    events = run(engine, documents, fill_once)
    (halted,) = only(events, RunHalted)
    assert isinstance(halted, RunHalted)
    assert "safe" in halted.message
    assert "room" in halted.hint
    assert str(disk) in halted.hint
    assert_ended_and_resumed(engine, documents, ballast[0], undisturbed)


def assert_ended_and_resumed(
    engine: Engine, documents: Path, ballast: Path, undisturbed: set[tuple[str, int, int]]
) -> None:
    """The run has its end in the ledger, and with room again the next one does the rest."""
    engine.close()
    ballast.unlink()
    data_dir = ballast.parent / "data"
    with Ledger(data_dir / "ledger.sqlite", read_only=True) as ledger:
        assert ledger.runs()[0].end == RunEnd.HALTED
    engine.open()
    assert not only(run(engine, documents), RunHalted)
    found = engine.search(SearchRequest("ferry", limit=10, mode=SearchMode.TEXT))
    assert len(found.hits) == 4
    engine.close()
    assert read_serving(data_dir)[1] == undisturbed


@pytest.mark.parametrize("is_guarded", [True, False])
def test_a_disk_that_is_too_full_to_tidy_up_costs_no_passage(
    is_guarded: bool,
    disk: Path,
    documents: Path,
    create_engine: Callable[[Path], Engine],
    undisturbed: set[tuple[str, int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_guarded:
        plenty = Usage(1 << 40, 0, 1 << 40)
        monkeypatch.setattr(room.shutil, "disk_usage", lambda _: plenty)
    engine = create_engine(disk / "data")
    engine.open()
    ballast: list[Path] = []
    begin = store.Store.begin_maintenance

    def fill_and_begin(self: store.Store, *, is_quiet: bool = False) -> None:
        ballast.append(fill(disk))
        begin(self, is_quiet=is_quiet)

    with monkeypatch.context() as patch:
        patch.setattr(store.Store, "begin_maintenance", fill_and_begin)
        events = run(engine, documents)
    (halted,) = only(events, RunHalted)
    assert isinstance(halted, RunHalted)
    assert halted.message.startswith("All that could be read is indexed and can be searched")
    assert len(engine.search(SearchRequest("ferry", limit=10, mode=SearchMode.TEXT)).hits) == 4
    assert_ended_and_resumed(engine, documents, ballast[0], undisturbed)


def test_a_full_disk_is_searched_all_the_same(
    disk: Path, documents: Path, create_engine: Callable[[Path], Engine]
) -> None:
    engine = create_engine(disk / "data")
    engine.open()
    run(engine, documents)
    engine.close()
    fill(disk)
    engine.open(read_only=True)
    assert len(engine.search(SearchRequest("ferry", limit=10, mode=SearchMode.TEXT)).hits) == 4


def test_the_ledger_is_closed_in_the_room_that_is_kept_back_for_it(disk: Path) -> None:
    reserve = Reserve(disk / "reserve")
    reserve.keep()
    ledger = Ledger(disk / "ledger.sqlite", reserve=reserve)
    run_id = ledger.begin_run(["/docs"])
    ballast = fill(disk)
    with pytest.raises(DiskFullError, match="disk is full"):
        ledger.set_meta("key", "x" * (4 << 20))
    ledger.end_run(run_id, "halted", {"words": "x" * 100_000})
    ledger.close()
    ballast.unlink()
    with Ledger(disk / "ledger.sqlite") as ledger:
        assert ledger.runs()[0].end == "halted"
    assert not (disk / "reserve").exists()
    reserve.keep()
    assert (disk / "reserve").stat().st_size == room.RESERVE_BYTES


def test_the_reserve_takes_no_room_where_there_is_little(disk: Path) -> None:
    fill(disk, leave_bytes=LITTLE_BYTES // 2)
    Reserve(disk / "reserve").keep()
    assert not (disk / "reserve").exists()


def test_before_a_run_it_is_said_when_the_index_will_not_fit(
    tmp_path: Path,
    documents: Path,
    create_engine: Callable[[Path], Engine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = create_engine(tmp_path / "data")
    engine.open()
    usage = Usage(1 << 40, 0, room.MIN_FREE_BYTES + 5000)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage)
    events = run(engine, documents)
    (short,) = only(events, RoomShort)
    assert isinstance(short, RoomShort)
    assert short.needed_bytes > short.free_bytes == usage.free
    assert "will probably not fit" in short.sentence
    assert str(tmp_path) in short.sentence
    assert events.index(short) < events.index(only(events, BatchFinished)[0])


def test_on_a_disk_that_is_nearly_full_no_file_is_read_and_no_model_loaded(
    tmp_path: Path,
    documents: Path,
    create_engine: Callable[[Path], Engine],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = create_engine(tmp_path / "data")
    engine.open()
    usage = Usage(1 << 40, 0, room.MIN_FREE_BYTES - 1)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage)
    events = run(engine, documents)
    (halted,) = only(events, RunHalted)
    assert isinstance(halted, RunHalted)
    assert "needed to go on safely" in halted.message
    assert not only(events, FileStarted)


def test_upkeep_in_the_middle_of_a_run_waits_for_room(
    tmp_path: Path,
    documents: Path,
    create_engine: Callable[[Path], Engine],
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[logging.LogRecord],
) -> None:
    monkeypatch.setattr(tidying, "MAX_UNINDEXED_ROWS", 1)
    engine = create_engine(tmp_path / "data")
    engine.open()

    def refuse(*_: object, is_quiet: bool = False) -> None:
        raise DiskFullError("The disk is full.", "Make room.")

    monkeypatch.setattr(store.Store, "begin_maintenance", refuse)
    events = run(engine, documents)
    (halted,) = only(events, RunHalted)
    assert isinstance(halted, RunHalted)
    assert halted.message.startswith("All that could be read is indexed and can be searched")
    assert engine.status().rows == 16
    assert any("tidied up later" in record.getMessage() for record in expected_warnings)


def test_settings_that_do_not_fit_leave_those_of_before_and_no_draft(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        file = disk / "data" / "settings.json"
        change_settings_file(file, {"chunk_size": 900})
        before = file.read_bytes()
        fill(disk)
        with pytest.raises(OSError, match="No space left"):
            change_settings_file(file, {"ignore_patterns": ("x" * 10_000,)})
        assert file.read_bytes() == before
        assert list(file.parent.iterdir()) == [file]


def test_a_log_that_does_not_fit_prints_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        handler = start_logging(disk / "vext-desktop.log")
        fill(disk)
        for _ in range(100):
            logging.getLogger("vext.index").info("x" * 1000)
        stop_logging(handler)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (RuntimeError("lance error: Io error: No space left on device (os error 28)"), True),
        (RuntimeError("lance error: Disk quota exceeded (os error 122)"), True),
        (RuntimeError("lance error: not enough space on the disk. (os error 112)"), True),
        (OSError(errno.EIO, "Input/output error"), False),
        (StoreError("The index could not be read."), False),
    ],
)
def test_a_full_disk_is_known_by_its_number_or_by_lancedbs_words(
    error: Exception, is_full: bool
) -> None:
    assert is_disk_full(error) == is_full


def test_shutil_is_what_is_asked_for_room(tmp_path: Path) -> None:
    assert room.free_bytes(tmp_path) == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.2)
