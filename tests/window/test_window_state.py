"""What the window remembers."""

from pathlib import Path

from PySide6.QtCore import QByteArray

from vext_desktop.window.window_state import Intent, WindowState


def test_everything_is_there_at_the_next_start(tmp_path: Path) -> None:
    state = WindowState(tmp_path / "window.ini")
    state.keep_layout("window", QByteArray(b"\x00\x01shape"))
    state.keep_intent(Intent.REST)
    state.keep_unfinished([("/documents/a", "/documents/\udce9"), ()])
    state.keep_chunks_per_second(58.25)
    state.keep_shows_details(True)
    state.flush()
    again = WindowState(tmp_path / "window.ini")
    assert again.layout("window") == QByteArray(b"\x00\x01shape")
    assert again.intent is Intent.REST
    assert again.unfinished == (("/documents/a", "/documents/\udce9"), ())
    assert again.chunks_per_second == 58.25
    assert again.shows_details


def test_what_a_killed_program_needs_is_on_disk_at_once(tmp_path: Path) -> None:
    state = WindowState(tmp_path / "window.ini")
    state.keep_intent(Intent.STOP)
    state.keep_unfinished([("/documents/a",)])
    text = (tmp_path / "window.ini").read_text()
    assert "stop" in text
    assert "/documents/a" in text


def test_the_first_start_has_nothing_to_remember(tmp_path: Path) -> None:
    state = WindowState(tmp_path / "window.ini")
    assert state.layout("window").isEmpty()
    assert state.intent is Intent.GO_ON
    assert state.unfinished == ()
    assert state.chunks_per_second is None
    assert not state.shows_details


def test_a_damaged_file_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_text(
        "[run]\nintent=dance\nunfinished=[[1, 2\nchunks_per_second=fast\n"
    )
    state = WindowState(tmp_path / "window.ini")
    assert state.intent is Intent.GO_ON
    assert state.unfinished == ()
    assert state.chunks_per_second is None
