"""A backup or a restoration that was killed leaves nothing for good, and hides no index."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from backup_steps import back_up, restore
from damage_stage import DamageStage

from vext_desktop.errors import StoreError
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.health.aside import Aside
from vext_desktop.paths import Paths


def test_what_a_killed_backup_left_is_gone_with_the_next_one(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = paths.data_dir / f"snapshot-{ended.pid}"
    other = paths.data_dir / f"snapshot-{os.getppid()}"
    left.mkdir()
    other.mkdir()
    back_up(paths, tmp_path / "index.vextbackup")
    assert not left.exists()
    assert other.exists(), "that program may be making one at this moment"


def test_what_a_killed_restoration_left_is_gone_with_the_next_one(
    stage: DamageStage, tmp_path: Path
) -> None:
    backup = back_up(stage.copied(tmp_path / "data"), tmp_path / "index.vextbackup")
    paths = Paths(tmp_path / "new")
    left = paths.data_dir / "restoring-20260101-000000"
    left.mkdir(parents=True)
    restore(paths, backup)
    assert not left.exists()


def test_a_restoration_that_is_killed_between_two_files_is_noticed(
    stage: DamageStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = stage.copied(tmp_path / "data")
    backup = back_up(paths, tmp_path / "index.vextbackup")
    take = Aside.take
    noticed: list[bool] = []

    def take_and_open(self: Aside, place: Path) -> Path | None:
        taken = take(self, place)
        if not paths.ledger.exists() and paths.store.exists():
            with pytest.raises(StoreError, match=r"ledger\.sqlite"):
                DataFolder(paths).open(read_only=True)
            noticed.append(True)
        return taken

    monkeypatch.setattr(Aside, "take", take_and_open)
    restore(paths, backup, replaces=True)
    assert len(noticed) > 3
