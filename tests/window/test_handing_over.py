"""A second start, beside a window that has the same data folder open."""

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from app_stage import LOADED, Actor, find, is_open, kept_look
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot
from window_engine import FakeEngine, FakeEngineBuilder

from vext_desktop.errors import DataFolderBusyError
from vext_desktop.paths import Paths
from vext_desktop.window import handing_over
from vext_desktop.window.app import run_window
from vext_desktop.window.handing_over import CAN_HAND_OVER, HandOverServer, hand_over
from vext_desktop.window.main_window import MainWindow

pytestmark = pytest.mark.skipif(not CAN_HAND_OVER, reason="there are no such sockets here")


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    """A data folder; the application's look is put back after the test."""
    with kept_look():
        found = Paths(tmp_path / "data")
        found.create()
        yield found


@pytest.fixture
def server(paths: Paths) -> Iterator[HandOverServer]:
    server = HandOverServer(paths)
    server.listen()
    yield server
    server.close()


def beside(work: Callable[[], object]) -> list[object]:
    """Do something as another process would, while our event loop goes on."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(work()), name="second start")
    thread.start()
    return results


def test_a_second_start_gives_its_folders_to_the_window_that_is_open(
    qtbot: QtBot, paths: Paths, server: HandOverServer, tmp_path: Path
) -> None:
    files = (tmp_path, tmp_path / os.fsdecode(b"caf\xe9 \n.txt"))
    with qtbot.waitSignal(server.received) as received:
        results = beside(lambda: hand_over(paths, files))
    assert received.args == [files]
    qtbot.waitUntil(lambda: results == [True])


def test_a_start_without_folders_is_heard_too(
    qtbot: QtBot, paths: Paths, server: HandOverServer
) -> None:
    with qtbot.waitSignal(server.received) as received:
        results = beside(lambda: hand_over(paths, ()))
    assert received.args == [()]
    qtbot.waitUntil(lambda: results == [True])


def test_without_a_window_nobody_takes_anything(paths: Paths) -> None:
    assert not hand_over(paths, ())
    paths.window_socket.write_text("no socket")
    assert not hand_over(paths, ())


def test_what_a_killed_window_left_behind_is_no_window_and_the_next_one_takes_its_place(
    qtbot: QtBot, paths: Paths
) -> None:
    place = handing_over._place(paths)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(place))
    assert not hand_over(paths, ())
    server = HandOverServer(paths)
    server.listen()
    with qtbot.waitSignal(server.received):
        beside(lambda: hand_over(paths, ()))
    server.close()
    assert not place.exists()


def test_only_the_same_user_can_reach_the_window(
    paths: Paths, server: HandOverServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stat.S_IMODE(handing_over._place(paths).stat().st_mode) == 0o600
    user = os.getuid()
    monkeypatch.setattr(handing_over.os, "getuid", lambda: user + 1)
    assert not hand_over(paths, ())


def test_one_window_does_not_take_the_place_of_another_nor_a_closed_one_any(
    qtbot: QtBot, paths: Paths, server: HandOverServer
) -> None:
    other = HandOverServer(paths)
    other.listen()
    other.close()
    other.listen()
    with qtbot.waitSignal(server.received):
        beside(lambda: hand_over(paths, ()))


def test_a_very_long_data_folder_has_its_socket_elsewhere(tmp_path: Path) -> None:
    deep = Paths(tmp_path.joinpath(*["a long name"] * 12))
    other = Paths(deep.data_dir / "other")
    places = [handing_over._place(each) for each in (deep, other)]
    assert all(len(os.fsencode(place)) <= handing_over.LONGEST_ADDRESS for place in places)
    assert places[0] != places[1]
    assert Paths(Path("/d")).window_socket == handing_over._place(Paths(Path("/d")))


@pytest.mark.parametrize("said", [b"hello\n", b'{"files": ["relative"]}\n', b"[]\n", b""])
def test_whoever_says_nothing_of_use_gets_no_answer(
    qtbot: QtBot, paths: Paths, server: HandOverServer, said: bytes
) -> None:
    def speak() -> bytes:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(handing_over._place(paths)))
            line.sendall(said)
            line.shutdown(socket.SHUT_WR)
            return line.recv(16)

    with qtbot.assertNotEmitted(server.received):
        results = beside(speak)
        qtbot.waitUntil(lambda: results == [b""])


def test_a_started_window_takes_what_a_second_start_was_given_and_that_ends_with_0(
    paths: Paths, tmp_path: Path, act: Actor
) -> None:
    engine = FakeEngine()
    codes: list[object] = []

    def start_again() -> bool:
        if not is_open() or not handing_over._place(paths).exists():
            return False
        find(MainWindow).showMinimized()
        codes.append(beside(lambda: run_window(LOADED, paths, [tmp_path])))
        return True

    act(
        start_again,
        lambda: codes[0] == [0],
        lambda: bool(engine.requests) and not find(MainWindow).isMinimized(),
    )
    assert run_window(LOADED, paths, (), FakeEngineBuilder(engine)) == 0
    assert engine.requests[0].paths == (tmp_path,)
    assert not handing_over._place(paths).exists()


@pytest.mark.usefixtures("qtbot")
def test_a_window_that_finds_another_one_just_opened_gives_way_to_it_with_0(paths: Paths) -> None:
    engine = FakeEngine()
    engine.open_error = DataFolderBusyError("Another window uses it.", "Use that one.")
    answers = iter([False, True])
    heard: list[object] = []

    def answer(_paths: Paths, files: object) -> bool:
        heard.append(files)
        return next(answers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vext_desktop.window.app.hand_over", answer)
        assert run_window(LOADED, paths, (), FakeEngineBuilder(engine)) == 0
    assert len(heard) == 2
    assert find(QMessageBox) is None
