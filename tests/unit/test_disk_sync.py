"""What is brought to the disk: new files, the folders that name them, and the folders of those."""

import errno
import os
import sys
from pathlib import Path

import pytest

from vext_desktop.index import disk_sync
from vext_desktop.index.disk_sync import SyncedFolder, sync_file


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    folders: list[Path] = []
    monkeypatch.setattr(disk_sync, "sync_folder", lambda folder: folders.append(Path(folder)))
    return folders


def test_a_new_file_is_synced_once_and_with_the_folder_that_names_it(
    tmp_path: Path, synced: list[Path]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows").write_text("rows")
    folder = SyncedFolder(tmp_path)
    assert folder.sync() == 1
    assert tmp_path / "data" in synced
    synced.clear()
    assert (folder.sync(), synced) == (0, [])


def test_a_new_folder_is_synced_with_the_one_that_names_it(
    tmp_path: Path, synced: list[Path]
) -> None:
    (tmp_path / "indices").mkdir()
    folder = SyncedFolder(tmp_path)
    folder.sync()
    synced.clear()
    (tmp_path / "indices" / "one").mkdir()
    (tmp_path / "indices" / "one" / "words").write_text("words")
    folder.sync()
    assert {tmp_path / "indices", tmp_path / "indices" / "one"} == set(synced)


def test_a_drive_that_knows_no_full_sync_is_synced_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    plainly: list[int] = []

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", refuse)
    monkeypatch.setattr(os, "fsync", plainly.append)
    (tmp_path / "rows").write_text("rows")
    sync_file(tmp_path / "rows")
    assert len(plainly) == 1
