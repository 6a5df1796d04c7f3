"""Where the data folder is, and that asking for it makes nothing."""

import stat
import sys
from pathlib import Path

import pytest

from vext_desktop.errors import VextError
from vext_desktop.paths import Paths, find_paths


def test_a_named_folder_wins_over_the_environment_over_dotenv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"VEXT_DATA_DIR={tmp_path / 'c'}\n", encoding="utf-8")
    monkeypatch.setenv("VEXT_DATA_DIR", str(tmp_path / "b"))
    found = [find_paths(tmp_path / "a", dotenv).data_dir, find_paths(None, dotenv).data_dir]
    monkeypatch.delenv("VEXT_DATA_DIR")
    assert [*found, find_paths(None, dotenv).data_dir] == [tmp_path / name for name in "abc"]


def test_without_a_word_the_folder_is_the_systems_place_for_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("VEXT_DATA_DIR")
    data_dir = find_paths().data_dir
    assert data_dir.name == "vext-desktop"
    assert data_dir.is_relative_to(Path.home())


def test_a_relative_folder_becomes_absolute_and_a_tilde_the_home(tmp_path: Path) -> None:
    assert find_paths("data").data_dir == Path.cwd() / "data"
    assert find_paths("~/data").data_dir == Path.home() / "data"


def test_every_place_is_inside_the_data_folder(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "data")
    names = [name for name, member in vars(Paths).items() if isinstance(member, property)]
    places = [getattr(paths, name) for name in names]
    assert len(places) > 8
    assert all(place.is_relative_to(paths.data_dir) for place in places)


def test_asking_creates_nothing_and_create_is_private(tmp_path: Path) -> None:
    paths = find_paths(tmp_path / "data")
    assert not paths.data_dir.exists()
    paths.create()
    paths.create()
    assert paths.logs.is_dir()
    if sys.platform != "win32":
        assert stat.S_IMODE(paths.data_dir.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(VextError, match="cannot be made") as caught:
        find_paths(tmp_path / "file").create()
    assert "--data-dir" in caught.value.hint
