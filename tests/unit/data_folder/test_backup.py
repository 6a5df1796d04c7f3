"""Backup and restore: one file, whole or refused, and no passage is embedded again."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from backup_steps import back_up, restore, state_of
from damage_stage import DamageStage
from rebuild_stage import read_serving

from vext_desktop.assembly.backups import Backups
from vext_desktop.assembly.folder_care import held
from vext_desktop.cli.restore import read_places
from vext_desktop.errors import DataFolderBusyError, StoreError, UsageError
from vext_desktop.index.backup.remapping import PathMap
from vext_desktop.index.health.examination import examine
from vext_desktop.index.ledger import Ledger
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths


@pytest.fixture
def backup(stage: DamageStage, tmp_path: Path) -> Path:
    return back_up(stage.copied(tmp_path / "data"), tmp_path / "index.vextbackup")


def test_a_backup_says_what_is_in_it_and_leaves_nothing_beside(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    plan = Backups(paths).plan()
    before = state_of(paths.data_dir)
    file = back_up(paths, tmp_path / "index.vextbackup")
    contents = Backups(paths).contents(file)
    assert contents.roots == plan.roots == (str(stage.documents),)
    assert (contents.files, contents.passages) == (plan.files, plan.passages)
    assert contents.passages == len(stage.expected)
    assert contents.size_bytes <= plan.size_bytes
    assert state_of(paths.data_dir).keys() == before.keys()
    assert list(tmp_path.glob("*.part")) == []
    assert file.stat().st_mode & 0o077 == 0


def test_no_key_and_no_password_is_in_a_backup(stage: DamageStage, tmp_path: Path) -> None:
    paths = stage.copied(tmp_path / "data")
    (paths.data_dir / ".env").write_text("OPENAI_API_KEY=sk-secret")
    paths.consents.write_text("[]")
    settings = {"max_pages": 900, "openai_url": "https://me:sk-secret@host/", "key": "sk-secret"}
    paths.settings.write_text(json.dumps(settings))
    with zipfile.ZipFile(back_up(paths, tmp_path / "b")) as archive:
        assert not any(b"sk-secret" in archive.read(name) for name in archive.namelist())
        assert json.loads(archive.read("settings.json")) == {"max_pages": 900}
        assert ".env" not in archive.namelist()


def test_what_is_restored_elsewhere_is_searched_and_nothing_is_embedded_again(
    stage: DamageStage, backup: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(stage.documents, moved)  # with their times, as a good copy has them
    paths = Paths(tmp_path / "other")
    report = restore(paths, backup, {str(stage.documents): str(moved)}).report
    assert report is not None
    assert report.missing_roots == ()
    assert read_serving(paths.data_dir)[1] == stage.expected
    assert stage.index(paths, again=True) == 0
    assert read_serving(paths.data_dir)[1] == stage.expected
    assert examine(paths, thorough=True) == []


def test_files_with_other_times_keep_their_vectors_by_their_content(
    stage: DamageStage, backup: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(stage.documents, moved)
    for file in moved.iterdir():
        os.utime(file, (1, 1))
    paths = Paths(tmp_path / "other")
    restore(paths, backup, {str(stage.documents): str(moved)})
    assert stage.index(paths, again=True) == 0
    assert read_serving(paths.data_dir)[1] == stage.expected


def test_folders_that_are_not_here_are_offline_and_still_found(
    stage: DamageStage, backup: Path, tmp_path: Path
) -> None:
    paths, nowhere = Paths(tmp_path / "other"), str(tmp_path / "nowhere")
    report = restore(paths, backup, {str(stage.documents): nowhere}).report
    assert report is not None
    assert report.missing_roots == (nowhere,)
    assert nowhere in report.sentence
    assert stage.index(paths, again=True) == 0
    with Ledger(paths.ledger, read_only=True) as ledger:
        assert ledger.counts() == {Outcome.OFFLINE: len(stage.expected)}


def test_an_empty_folder_where_the_files_should_be_loses_nothing(
    stage: DamageStage, backup: Path, tmp_path: Path
) -> None:
    paths, empty = Paths(tmp_path / "other"), tmp_path / "empty"
    empty.mkdir()
    restore(paths, backup, {str(stage.documents): str(empty)})
    stage.index(paths, again=True)
    with Ledger(paths.ledger, read_only=True) as ledger:
        assert ledger.counts() == {Outcome.OFFLINE: len(stage.expected)}


def test_an_index_that_is_there_is_moved_aside_but_only_when_that_was_agreed(
    stage: DamageStage, backup: Path, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "there")
    before = state_of(paths.data_dir)
    with pytest.raises(UsageError, match="already"):
        restore(paths, backup)
    assert state_of(paths.data_dir) == before
    report = restore(paths, backup, replaces=True).report
    assert report is not None
    assert report.aside is not None
    aside = state_of(report.aside)
    assert aside["ledger.sqlite"] == before["ledger.sqlite"]
    assert {name for name in before if name.startswith("store")} <= aside.keys()
    assert read_serving(paths.data_dir)[1] == stage.expected


def test_a_folder_in_use_is_not_restored_into(
    stage: DamageStage, backup: Path, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "there")
    with held(paths), pytest.raises(DataFolderBusyError):
        restore(paths, backup, replaces=True)


def test_a_backup_can_be_made_while_another_program_writes(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "there")
    with held(paths), Ledger(paths.ledger) as writer:
        writer.begin_run([])
        file = back_up(paths, tmp_path / "b")
    restore(Paths(tmp_path / "other"), file)
    assert read_serving(tmp_path / "other")[1] == stage.expected


def test_a_place_that_is_in_no_backup_is_refused(
    stage: DamageStage, backup: Path, tmp_path: Path
) -> None:
    paths = Paths(tmp_path / "other")
    with pytest.raises(UsageError, match="none of the folders"):
        restore(paths, backup, {"/elsewhere": "/here"})
    assert not paths.ledger.exists()


def test_a_folder_that_is_there_already_is_not_overwritten(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths, file = stage.copied(tmp_path / "data"), tmp_path / "mine.txt"
    file.write_text("mine")
    with pytest.raises(StoreError, match="is there already"):
        back_up(paths, file)
    assert file.read_text() == "mine"


def test_there_is_nothing_to_back_up_in_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no index"):
        Backups(Paths(tmp_path / "none")).plan()


@pytest.mark.skipif(os.sep != "/", reason="new places are written as this system writes paths")
def test_paths_of_another_system_are_turned_into_ours() -> None:
    path_map = PathMap({"C:\\Users\\ann": "/home/ann", "C:\\Users\\ann\\Work": "/papers"}, "\\")
    assert path_map("C:\\Users\\ann\\a\\b.txt") == "/home/ann/a/b.txt"
    assert path_map("C:\\Users\\ann\\Work\\c.txt") == "/papers/c.txt"
    assert path_map("C:\\Users\\anna\\d.txt") == "C:\\Users\\anna\\d.txt"


def test_a_new_place_is_split_where_a_folder_of_the_backup_ends() -> None:
    assert read_places(["/a=b/c=/new"], ["/a=b/c"]) == {"/a=b/c": "/new"}
    assert read_places(["/home=/Users"], ["/home/ann"]) == {"/home": "/Users"}
    with pytest.raises(UsageError):
        read_places(["/home"], [])
