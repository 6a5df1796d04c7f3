"""Backups that were damaged or made to do harm: refused in a sentence, and nothing is changed."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backup_steps import back_up, restore, state_of
from damage_stage import DamageStage

from vext_desktop.errors import StoreError
from vext_desktop.index.backup.contents import MANIFEST, is_allowed
from vext_desktop.index.ledger_schema import UPGRADES
from vext_desktop.paths import Paths


@pytest.fixture
def backup(stage: DamageStage, tmp_path: Path) -> Path:
    return back_up(stage.copied(tmp_path / "data"), tmp_path / "index.vextbackup")


Change = Callable[[dict[str, bytes], dict[str, Any]], None]


def _wrong_hash(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files["ledger.sqlite"] = files["ledger.sqlite"][:-1] + b"?"


def _climbing(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    _add(files, manifest, "../../evil.txt")


def _absolute(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    _add(files, manifest, "/tmp/evil.txt")


def _hidden(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    _add(files, manifest, "store/chunks-00.lance/../../../evil.txt")


def _unlisted(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files["runs/more.vextrun.gz"] = b"more"


def _missing(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del files[next(name for name in files if name.startswith("store"))]


def _newer(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["version"] = 99


def _newer_ledger(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["ledger_version"] = len(UPGRADES) + 1


def _bomb(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    _add(files, manifest, "runs/bomb.vextrun.gz", b"0" * 50_000_000, size=10)


def _no_room(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["members"]["ledger.sqlite"]["size"] = 1 << 60


def _no_ledger(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del files["ledger.sqlite"]
    del manifest["members"]["ledger.sqlite"]


def _nonsense(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["members"] = ["what"]


def _add(
    files: dict[str, bytes],
    manifest: dict[str, Any],
    name: str,
    data: bytes = b"evil",
    size: int | None = None,
) -> None:
    files[name] = data
    manifest["members"][name] = {"size": len(data) if size is None else size, "sha256": "0" * 64}


@pytest.mark.parametrize(
    "change",
    [
        _wrong_hash, _climbing, _absolute, _hidden, _unlisted, _missing, _newer, _newer_ledger,
        _bomb, _no_room, _no_ledger, _nonsense,
    ],
)  # fmt: skip
def test_a_hostile_or_damaged_backup_is_refused_and_changes_nothing(
    stage: DamageStage, backup: Path, tmp_path: Path, change: Change
) -> None:
    with zipfile.ZipFile(backup) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop(MANIFEST))
    change(files, manifest)
    hostile = tmp_path / "hostile.vextbackup"
    with zipfile.ZipFile(hostile, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, MANIFEST: json.dumps(manifest).encode()}.items():
            archive.writestr(name, data)
    paths = stage.copied(tmp_path / "there")
    before, outside = state_of(paths.data_dir), sorted(tmp_path.iterdir())
    with pytest.raises(StoreError) as told:
        restore(paths, hostile, replaces=True)
    assert told.value.message.endswith(".")
    assert told.value.hint
    assert state_of(paths.data_dir) == before
    assert sorted(tmp_path.iterdir()) == outside


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_backup_that_was_cut_off_is_refused(
    stage: DamageStage, backup: Path, tmp_path: Path, share: float
) -> None:
    data = backup.read_bytes()
    backup.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(StoreError, match="cannot be restored"):
        restore(Paths(tmp_path / "other"), backup)
    assert not (tmp_path / "other" / "ledger.sqlite").exists()


@pytest.mark.parametrize(
    "name",
    ["../x", "store/../x", "C:\\x", "store\\x", "logs/x", "store/chunks-0.lance", "x\0", "con"],
)
def test_names_that_lead_elsewhere_are_never_allowed(name: str) -> None:
    assert not is_allowed(name)
