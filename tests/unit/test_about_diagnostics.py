"""What is copied for somebody who helps: enough to help, no key, and names only if wanted."""

from dataclasses import replace
from pathlib import Path

from vext_desktop.about.diagnostics import DiagnosticFacts, write_diagnostics
from vext_desktop.about.log_lines import last_troubles, traces_of
from vext_desktop.paths import Paths
from vext_desktop.readings import MemoryReading, ProcessRole, ProgramReading
from vext_desktop.settings import LoadedSettings, Origin, SettingNotice, Settings, Source

LOG = """\
2026-11-02 10:00:00,123 INFO    vext.index: began with /home/ann/Letters
2026-11-02 10:00:01,123 WARNING vext.index: /home/ann/Letters/divorce.pdf could not be read
2026-11-02 10:00:02,123 ERROR   vext.window: a mistake
Traceback (most recent call last):
  File "/opt/vext/vext_desktop/index/indexer.py", line 12, in step
    raise ValueError(path)
  File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode
ValueError: /home/ann/Letters/divorce.pdf
2026-11-02 10:00:03,123 INFO    vext.index: done
"""


def facts(folder: Path, **settings: object) -> DiagnosticFacts:
    paths = Paths(folder)
    paths.create()
    paths.log_file.write_text(LOG, encoding="utf-8")
    origins = dict.fromkeys(settings, Origin(Source.FILE, "your settings"))
    notice = SettingNotice("colour", "your settings", "colour = /home/ann is not a setting")
    loaded = LoadedSettings(Settings(**settings), (notice,), origins)
    window = MemoryReading(ProcessRole.WINDOW, 1, 120_000_000, 30_000_000, 50_000_000)
    return DiagnosticFacts(
        loaded, paths, "all-MiniLM-L6-v2, checked", ProgramReading(1.0, (window,)), 1_200_000_000,
        {"window system": "xcb"}, {"indexed": 12},
    )  # fmt: skip


def test_without_names_nothing_of_the_user_is_in_the_text(tmp_path: Path) -> None:
    text = write_diagnostics(
        facts(
            tmp_path / "ann",
            model="/home/ann/models/mine",
            ignore_patterns=("divorce*",),
            openai_url="https://ann:secret@llm.example.org/v1?key=abc",
        ),
        with_names=False,
    )
    for secret in ("ann", "divorce", "secret", "example.org", "abc", "Letters"):
        assert secret not in text, secret


def test_without_names_a_model_of_the_user_is_not_named(tmp_path: Path) -> None:
    known = replace(facts(tmp_path, model="/home/ann/m"), model="There is no model in /home/ann/m.")
    assert "/home/ann" not in write_diagnostics(known, with_names=False)
    assert "/home/ann" in write_diagnostics(known, with_names=True)


def test_without_names_it_still_says_what_helps(tmp_path: Path) -> None:
    text = write_diagnostics(
        facts(tmp_path, engine="onnx", chunk_size=800, model="/home/x"), with_names=False
    )
    for line in (
        "engine = onnx (file)",
        "chunk_size = 800 (file)",
        "model = another one (file)",
        "window: resident 120 MB, heap 30 MB, native 50 MB",
        "together: 120 MB of 1.2 GB",
        "window system: xcb",
        "indexed: 12",
        "not taken: colour",
        "2026-11-02 10:00:01 WARNING vext.index",
        "    vext_desktop/index/indexer.py:12 in step",
        "    ValueError",
    ):
        assert line in text.splitlines(), line


def test_with_names_paths_and_messages_are_there_but_no_credentials(tmp_path: Path) -> None:
    text = write_diagnostics(
        facts(tmp_path, model="/home/ann/mine", openai_url="https://ann:secret@llm.example.org/v1"),
        with_names=True,
    )
    assert str(tmp_path) in text
    assert "model = /home/ann/mine" in text
    assert "openai_url = https://llm.example.org/v1" in text
    assert "divorce.pdf could not be read" in text
    assert "secret" not in text


def test_before_anything_is_known_that_is_what_it_says(tmp_path: Path) -> None:
    loaded = LoadedSettings(Settings(), ())
    text = write_diagnostics(
        DiagnosticFacts(loaded, Paths(tmp_path / "none"), "no model"), with_names=False
    )
    assert "not measured yet" in text
    assert "none in the log" in text
    assert "cannot be looked at" in text


def test_of_a_long_log_the_last_troubles_are_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [f"2026-11-02 10:00:{n:02d},000 WARNING vext.store: number {n}" for n in range(60)]
    log.write_text("\n".join(lines), encoding="utf-8")
    told = last_troubles(log, with_names=True)
    assert (len(told), told[-1][-9:]) == (20, "number 59")


def test_a_crash_report_keeps_our_frames_and_the_kind_of_the_mistake() -> None:
    report = (
        'Traceback:\n  File "C:\\x\\vext_desktop\\window\\app.py", line 5, in run\n'
        "    open(secret)\nKeyError: 'the diary'\n"
    )
    assert traces_of(report, with_names=False) == [
        "vext_desktop/window/app.py:5 in run",
        "KeyError",
    ]
    assert "diary" in "\n".join(traces_of(report, with_names=True))
