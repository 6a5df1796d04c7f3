"""The command line and a change of model: told before, shown on the way, undone, removed."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from rebuild_stage import use_word_hosts, write_documents, write_models

from vext_desktop.cli.main import main
from vext_desktop.engine import Engine
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings


@pytest.fixture(autouse=True)
def word_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    use_word_hosts(monkeypatch)


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    write_documents(tmp_path / "documents", copies=1)
    return write_models(tmp_path / "models")


def vext(tmp_path: Path, *arguments: str) -> int:
    def create(settings: Settings, paths: Paths, cancelled: threading.Event) -> Engine:
        return Engine(settings, paths, cancelled=cancelled)

    flags = ["--data-dir", str(tmp_path / "data"), "--isolation", "thread"]
    return main([*arguments, *flags], create)


def choose_model(tmp_path: Path, model: Path) -> None:
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "settings.json").write_text(json.dumps({"model": str(model)}))


def chosen_model(tmp_path: Path) -> str:
    return str(json.loads((tmp_path / "data" / "settings.json").read_text())["model"])


def test_the_cost_is_told_before_a_run_begins_to_rebuild_and_the_swap_at_its_end(
    models: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choose_model(tmp_path, models[0])
    assert vext(tmp_path, "index", str(tmp_path / "documents")) == 0
    assert "new index" not in capsys.readouterr().err
    choose_model(tmp_path, models[1])
    assert vext(tmp_path, "rebuild") == 0
    assert "a new index is built: 4 files, about 4 passages" in capsys.readouterr().out
    assert vext(tmp_path, "index") == 0
    said = capsys.readouterr().err.splitlines()
    told = next(n for n, line in enumerate(said) if line.startswith("notice: Changing the model"))
    begun = next(n for n, line in enumerate(said) if line.startswith("Rebuilding the index for"))
    swapped = next(n for n, line in enumerate(said) if line.startswith("The new index (second"))
    assert told < begun < swapped
    assert "4 files, 4 passages) is complete" in said[swapped]
    assert said[swapped].endswith("Undo: vext-desktop rebuild --undo")


def test_undoing_goes_back_to_the_index_and_to_the_settings(
    models: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model in models:
        choose_model(tmp_path, model)
        vext(tmp_path, "index", str(tmp_path / "documents"))
    assert vext(tmp_path, "rebuild", "--undo") == 0
    assert chosen_model(tmp_path) == str(models[0])
    capsys.readouterr()
    status: dict[str, Any] = {}
    assert vext(tmp_path, "status", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    assert status["model"].startswith("first")
    assert [kept["model"].split()[0] for kept in status["rebuild"]["kept"]] == ["second"]
    vext(tmp_path, "index", "--json")
    assert json.loads(capsys.readouterr().out)["batches"] == 0


def test_an_undo_says_which_setting_it_could_not_take_back(
    models: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose_model(tmp_path, models[0])
    vext(tmp_path, "index", str(tmp_path / "documents"))
    monkeypatch.setenv("VEXT_MODEL", str(models[1]))
    vext(tmp_path, "index")
    capsys.readouterr()
    assert vext(tmp_path, "rebuild", "--undo") == 0
    assert "model is still set to the new value by VEXT_MODEL" in capsys.readouterr().err


def test_the_old_index_is_removed_on_request_and_then_there_is_nothing_to_undo(
    models: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model in models:
        choose_model(tmp_path, model)
        vext(tmp_path, "index", str(tmp_path / "documents"))
    capsys.readouterr()
    assert vext(tmp_path, "status") == 0
    said = capsys.readouterr().out
    assert "The old index of first" in said
    assert "The change can be undone: vext-desktop rebuild --undo" in said
    assert vext(tmp_path, "rebuild", "--remove-old") == 0
    assert "gave back" in capsys.readouterr().err
    assert vext(tmp_path, "rebuild", "--remove-old") == 0
    assert "Nothing is kept" in capsys.readouterr().err
    assert vext(tmp_path, "rebuild", "--undo") == 2
    assert "no earlier index" in capsys.readouterr().err


def test_a_new_index_that_lacks_a_drive_is_used_when_the_user_says_so(
    models: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_documents(tmp_path / "drive", copies=1)
    choose_model(tmp_path, models[0])
    vext(tmp_path, "index", str(tmp_path / "documents"), str(tmp_path / "drive"))
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    choose_model(tmp_path, models[1])
    capsys.readouterr()
    vext(tmp_path, "index")
    said = capsys.readouterr().err
    assert "complete but for 4 files" in said
    assert "vext-desktop rebuild --use-new" in said
    assert vext(tmp_path, "rebuild") == 0
    assert "vext-desktop rebuild --use-new" in capsys.readouterr().out
    assert vext(tmp_path, "rebuild", "--use-new") == 0
    assert "is complete and is used from now on" in capsys.readouterr().err
