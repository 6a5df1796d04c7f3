"""`doctor`: what it checks, what it finds, and what it says to do."""

import json
from typing import Any

import pytest
from fake_engine import FakeEngine

from vext_desktop.about import versions as about_versions
from vext_desktop.cli import installation
from vext_desktop.cli.main import main
from vext_desktop.embedding.default_model import DEFAULT_WEIGHTS_SHA256
from vext_desktop.errors import StoreError
from vext_desktop.index.answers import IndexStatus


def report(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["doctor", "--json"], engine.create)
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the two checks that take a second each; they have tests of their own."""
    fine = {"ok": True, "message": "fine", "hint": ""}
    monkeypatch.setattr(installation, "check_model", lambda choice: fine)
    monkeypatch.setattr(installation, "check_display", lambda: fine)


def test_an_installation_that_lacks_nothing_is_well(
    healthy: None, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = report(FakeEngine(), capsys)
    assert code == 0
    assert found["missing"] == []
    assert found["versions"]["torch"]
    assert [engine["name"] for engine in found["engines"]] == ["onnx-int8", "onnx", "torch"]
    assert "prepares the model when it first starts" in found["engines"][0]["message"]
    assert found["store"]["notice"] == "There is no index yet."


def test_looking_creates_no_data_folder(healthy: None, capsys: pytest.CaptureFixture[str]) -> None:
    engine = FakeEngine()
    report(engine, capsys)
    assert engine.calls == []


def take_away(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one library be as good as not installed."""
    installed = about_versions.version_of

    def version_of(name: str) -> str | None:
        return None if name == library else installed(name)

    monkeypatch.setattr(about_versions, "version_of", version_of)
    monkeypatch.setattr(installation, "_version", version_of)


def test_a_missing_library_is_told_with_how_to_get_it(
    healthy: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_away("onnx", monkeypatch)
    code, found = report(FakeEngine(), capsys)
    assert code == 1
    assert found["missing"][0]["what"] == "The onnx-int8 engine lacks onnx."
    assert found["missing"][0]["how"] == "Install what that needs: pip install onnx"
    assert main(["doctor"], FakeEngine().create) == 1
    out = capsys.readouterr().out
    assert "not installed" in out
    assert "missing: The onnx-int8 engine lacks onnx." in out


def test_an_engine_that_nobody_chose_may_be_missing(
    healthy: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_away("torch", monkeypatch)
    code, found = report(FakeEngine(), capsys)
    assert (code, found["missing"]) == (0, [])
    assert found["engines"][2]["message"] == "The torch engine lacks torch."


def test_an_index_that_cannot_be_read_is_told(
    healthy: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    monkeypatch.setenv("VEXT_DATA_DIR", str(tmp_path))
    code, found = report(FakeEngine(refusal=StoreError("Unreadable.", "Move it away.")), capsys)
    assert code == 1
    assert found["store"] == {"ok": False, "message": "Unreadable.", "hint": "Move it away."}
    assert found["missing"] == [{"what": "Unreadable.", "how": "Move it away."}]


def test_the_state_of_the_index_is_part_of_it(
    healthy: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    monkeypatch.setenv("VEXT_DATA_DIR", str(tmp_path))
    engine = FakeEngine(state=IndexStatus({}, 40, 123_000, 2, 0, "m", ()))
    code, found = report(engine, capsys)
    assert code == 0
    assert found["store"]["rows"] == 40
    assert engine.calls == ["look", "close"]


def test_the_shipped_weights_are_read_and_are_the_published_ones() -> None:
    check = installation.check_model("")
    assert check["ok"]
    assert check["sha256"] == DEFAULT_WEIGHTS_SHA256


def test_weights_that_differ_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "DEFAULT_WEIGHTS_SHA256", "0" * 64)
    check = installation.check_model("")
    assert not check["ok"]
    assert "SHA-256 differs" in check["message"]


def test_a_model_folder_that_is_not_there_is_told(tmp_path: Any) -> None:
    check = installation.check_model(str(tmp_path / "none"))
    assert not check["ok"]
    assert check["hint"]


def test_without_a_display_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_qt_failure", lambda: "")
    monkeypatch.setattr(installation, "has_display", lambda environment, platform: False)
    check = installation.check_display()
    assert check["ok"]
    assert "terminal" in check["message"]


def test_a_library_that_qt_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "ImportError: libEGL.so.1: cannot open shared object file"
    monkeypatch.setattr(installation, "_qt_failure", lambda: said)
    check = installation.check_display()
    assert not check["ok"]
    assert "libEGL.so.1" in check["message"]
    assert "README" in check["hint"]


def test_qt_loads_here() -> None:
    assert installation._qt_failure() == ""
