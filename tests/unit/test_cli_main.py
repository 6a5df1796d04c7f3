"""From words on the command line to a command, its settings, its exit code and its complaints."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_engine import FakeEngine, usual_run

from vext_desktop.cli import window
from vext_desktop.cli.main import main
from vext_desktop.errors import DataFolderBusyError
from vext_desktop.index.request import IndexRequest


def run(engine: FakeEngine, *arguments: str) -> int:
    return main(list(arguments), engine.create)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, ...]]:
    """The paths with which a window would have opened."""
    shown: list[tuple[Path, ...]] = []

    def note(session: Any) -> int:
        shown.append(tuple(Path(word) for word in session.arguments.paths))
        return 0

    monkeypatch.setattr(window, "run", note)
    return shown


def test_no_command_means_the_window(shown: list[tuple[Path, ...]]) -> None:
    assert main([]) == 0
    assert shown == [()]


def test_an_existing_path_means_the_window_with_that_path(
    shown: list[tuple[Path, ...]], tmp_path: Path
) -> None:
    assert main([str(tmp_path), "--data-dir", "d"]) == 0
    assert main(["--data-dir", "d", str(tmp_path)]) == 0
    assert shown == [(tmp_path,), (tmp_path,)]


def test_a_word_that_is_neither_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("serach", ""):
        assert main([word]) == 2
        said = capsys.readouterr()
        assert said.err.startswith(f"error: {word!r} is neither a command nor")
        assert "hint: " in said.err
        assert said.out == ""


def test_flags_may_stand_before_the_command(tmp_path: Path) -> None:
    engine = FakeEngine(usual_run())
    data_dir = str(tmp_path / "index")  # the same word as the command, as a flag's value
    assert run(engine, "--data-dir", data_dir, "--batch-size", "4", "index", str(tmp_path)) == 0
    assert engine.paths is not None
    assert engine.paths.data_dir == Path(data_dir)
    assert engine.settings is not None
    assert engine.settings.batch_size == 4


def test_every_setting_can_be_given_by_name(tmp_path: Path) -> None:
    engine = FakeEngine(usual_run())
    flags = ["--set", "chunk_size=800", "--set", "skip-folders=a,b", "--isolation", "thread"]
    assert run(engine, "index", str(tmp_path), *flags) == 0
    assert engine.settings is not None
    assert engine.settings.chunk_size == 800
    assert engine.settings.skip_folders == ("a", "b")
    assert engine.settings.isolation == "thread"


@pytest.mark.parametrize(
    "flags",
    [
        ("--set", "chunk_size"),
        ("--set", "chunk_size=abc"),
        ("--set", "colour=red"),
        ("--engine", "steam"),
        ("--batch-size", "0"),
        ("--isolation",),
        ("--no-such-flag",),
    ],
)
def test_a_mistake_on_the_command_line_starts_nothing(
    flags: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(usual_run())
    assert run(engine, "index", str(tmp_path), *flags) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err
    assert said.out == ""
    assert engine.calls == []


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        (
            "chunk_size=abc",
            "error: chunk_size = 'abc' cannot be used: it must be a whole number.\n",
        ),
        (
            "chunksize=800",
            "error: 'chunksize' is not a setting.\nhint: Did you mean chunk_size or batch_size?\n",
        ),
    ],
)
def test_what_is_wrong_with_a_setting_is_told_in_few_words(
    assignment: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FakeEngine(usual_run()), "index", str(tmp_path), "--set", assignment) == 2
    assert capsys.readouterr().err == said


def test_an_unknown_setting_that_is_like_none_is_answered_with_all_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FakeEngine(usual_run()), "index", str(tmp_path), "--set", "xyz=1") == 2
    assert "hint: The settings are provider, " in capsys.readouterr().err


def test_a_mistake_in_the_environment_is_a_notice_and_the_run_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHUNK_SIZE", "abc")
    monkeypatch.setenv("VEXT_SPEED", "9")
    assert run(FakeEngine(usual_run()), "index", str(tmp_path), "--json") == 0
    err = capsys.readouterr().err
    assert "notice: chunk_size = 'abc' in the environment is left out" in err
    assert "notice: VEXT_SPEED in the environment is not a setting" in err


def test_a_dotenv_in_the_current_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("CHUNK_SIZE=640\nVEXT_DATA_DIR=here\n", encoding="utf-8")
    monkeypatch.delenv("VEXT_DATA_DIR")
    monkeypatch.chdir(tmp_path)
    engine = FakeEngine(usual_run())
    assert run(engine, "index", str(tmp_path)) == 0
    assert engine.settings is not None
    assert engine.paths is not None
    assert engine.settings.chunk_size == 640
    assert engine.paths.data_dir == tmp_path / "here"


def test_an_expected_error_is_two_lines_and_exit_code_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine(refusal=DataFolderBusyError("It is in use.", "Close the window."))
    assert run(engine, "index", str(tmp_path)) == 1
    assert capsys.readouterr().err == "error: It is in use.\nhint: Close the window.\n"
    assert engine.calls[-1] == "close"


def test_a_mistake_of_ours_shows_where_only_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(_stopped: object) -> None:
        raise ZeroDivisionError("in the middle")

    assert run(FakeEngine([break_down]), "index", str(tmp_path)) == 1
    plain = capsys.readouterr().err
    assert "Traceback" not in plain
    assert "error: Something unexpected happened: ZeroDivisionError: in the middle" in plain
    assert run(FakeEngine([break_down]), "index", str(tmp_path), "--debug") == 1
    assert "Traceback" in capsys.readouterr().err


def test_without_a_display_the_windows_job_runs_in_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    engine = FakeEngine(usual_run())
    assert run(engine, str(tmp_path)) == 0
    assert engine.calls[1] == IndexRequest((tmp_path,))
    said = capsys.readouterr()
    assert "no display" in said.err
    assert "1 file indexed" in said.out


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_display_is_where_the_system_says_so(
    environment: dict[str, str], platform: str, expected: bool
) -> None:
    assert window.has_display(environment, platform) is expected


def test_help_and_version_are_printed_with_exit_code_zero(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for flag, word in (("--help", "memory-test"), ("--version", "Vext Desktop")):
        assert main([flag]) == 0
        assert word in capsys.readouterr().out


def test_a_reader_that_closes_our_output_early_causes_no_complaint(tmp_path: Path) -> None:
    program = f"""
import sys
from fake_engine import FakeEngine, usual_run
from vext_desktop.cli.main import main
sys.exit(main(["index", {str(tmp_path)!r}, "--json"], FakeEngine(usual_run()).create))
"""
    tests = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {tests!r})\n{program}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 1
    assert said == ""
