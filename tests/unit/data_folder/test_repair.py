"""Damaged data folders: named in a sentence, repaired, and whole again after the next run."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from damage_stage import DAMAGES, DamageStage, garbage, repair, truncate, victims, zero
from rebuild_stage import read_serving

from vext_desktop.errors import StoreError
from vext_desktop.index.data_folder import DataFolder
from vext_desktop.index.health.examination import examine
from vext_desktop.index.health.finding import FindingKind, Repair
from vext_desktop.index.health.lance_files import manifests
from vext_desktop.index.ledger_schema import UPGRADES
from vext_desktop.paths import Paths

CHANCE = random.Random(0)


def kinds(paths: Paths, *, thorough: bool = True) -> list[FindingKind]:
    return [finding.kind for finding in examine(paths, thorough=thorough)]


def table_of(paths: Paths) -> Path:
    return next(paths.store.glob("*.lance"))


def index_to_the_end(stage: DamageStage, paths: Paths) -> int:
    """Repair, index, and see that all is as it was; returns how many chunks were embedded."""
    report = repair(paths)
    assert not report.left
    embedded = stage.index(paths)
    assert read_serving(paths.data_dir)[1] == stage.expected
    assert kinds(paths) == []
    return embedded


def test_a_whole_folder_has_nothing_to_tell(stage: DamageStage, tmp_path: Path) -> None:
    paths = stage.copied(tmp_path / "data")
    assert kinds(paths) == kinds(paths, thorough=False) == []


def test_no_folder_at_all_is_well(tmp_path: Path) -> None:
    assert kinds(Paths(tmp_path / "none")) == []


@pytest.mark.parametrize("seed", range(12))
def test_whatever_file_is_damaged_however_all_is_there_again_after_repair_and_run(
    stage: DamageStage, tmp_path: Path, seed: int
) -> None:
    paths, chance = stage.copied(tmp_path / "data"), random.Random(seed)
    victim = chance.choice(victims(paths))
    DAMAGES[chance.choice(list(DAMAGES))](victim, chance)
    for finding in examine(paths, thorough=True):
        assert finding.message.endswith(".")
        assert finding.remedy.endswith(".")
    index_to_the_end(stage, paths)


def test_a_lost_ledger_comes_back_and_nothing_is_embedded_again(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    for file in paths.data_dir.glob("ledger.sqlite*"):
        file.unlink()
    assert kinds(paths, thorough=False) == [FindingKind.LEDGER_MISSING]
    assert index_to_the_end(stage, paths) == 0


@pytest.mark.parametrize("damage", [truncate, zero, garbage])
def test_a_damaged_ledger_comes_back_and_nothing_is_embedded_again(
    stage: DamageStage, tmp_path: Path, damage: Callable[[Path, random.Random], None]
) -> None:
    paths = stage.copied(tmp_path / "data")
    damage(paths.ledger, CHANCE)
    assert index_to_the_end(stage, paths) == 0


def test_without_a_copy_the_readable_lines_of_a_damaged_ledger_are_kept(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    for file in paths.safe.iterdir():
        file.unlink()
    with closing(sqlite3.connect(paths.ledger)) as ledger:
        root_page = ledger.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'files_by_state'"
        ).fetchone()[0]
        page_size = ledger.execute("PRAGMA page_size").fetchone()[0]
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(paths.ledger.read_bytes())
    data[(root_page - 1) * page_size : root_page * page_size] = bytes(page_size)
    paths.ledger.write_bytes(data)
    assert kinds(paths) == [FindingKind.LEDGER_DAMAGED]
    assert index_to_the_end(stage, paths) == 0


def test_with_neither_ledger_nor_copy_the_folders_are_to_be_added_again(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    for file in (*paths.safe.iterdir(), *paths.data_dir.glob("ledger.sqlite*")):
        file.unlink()
    report = repair(paths)
    assert report.needs_folders
    assert report.aside is not None
    assert list((report.aside / "store").glob("*.lance")), "nothing is deleted"
    assert stage.index(paths) == len(stage.expected)
    assert read_serving(paths.data_dir)[1] == stage.expected


def test_a_lost_piece_of_the_table_costs_its_own_files_only(
    stage: DamageStage, tmp_path: Path
) -> None:
    documents = [stage.documents / f"new {number}.txt" for number in range(3)]
    paths = stage.copied(tmp_path / "data")
    before = set(table_of(paths).glob("data/*"))
    try:
        for number, document in enumerate(documents):
            document.write_text(f"The ferry brings coffee number {number} to the harbour.")
        stage.index_without_maintenance(paths)
        newer = set(table_of(paths).glob("data/*")) - before
        assert len(newer) == 1
        newer.pop().unlink()
        assert kinds(paths, thorough=False) == [FindingKind.TABLE_DAMAGED]
        report = repair(paths)
        assert report.files_to_read == len(documents)
        assert stage.index(paths) == len(documents)
    finally:
        for document in documents:
            document.unlink()


def test_a_flipped_bit_in_a_vector_is_found_although_lancedb_reads_it(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    file = max(table_of(paths).glob("data/*"), key=lambda path: path.stat().st_size)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert kinds(paths, thorough=False) == []
    assert kinds(paths) == [FindingKind.TABLE_DAMAGED]
    index_to_the_end(stage, paths)


def test_a_lost_table_lets_its_files_wait(stage: DamageStage, tmp_path: Path) -> None:
    paths = stage.copied(tmp_path / "data")
    table_of(paths).rename(tmp_path / "elsewhere")
    assert kinds(paths, thorough=False) == [FindingKind.TABLE_MISSING]
    assert index_to_the_end(stage, paths) == len(stage.expected)


def test_a_lost_manifest_is_taken_from_its_copy(stage: DamageStage, tmp_path: Path) -> None:
    paths = stage.copied(tmp_path / "data")
    for manifest in manifests(table_of(paths)):
        manifest.unlink()
    assert kinds(paths, thorough=False) == [FindingKind.TABLE_DAMAGED]
    assert index_to_the_end(stage, paths) == 0


def test_a_lost_word_index_is_built_again_without_embedding(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    for file in table_of(paths).glob("_indices/*/*"):
        file.unlink()
    assert kinds(paths, thorough=False) == [FindingKind.TABLE_DAMAGED]
    assert index_to_the_end(stage, paths) == 0


def test_a_ledger_that_is_older_than_the_store_never_makes_a_passage_twice(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    earlier = paths.ledger.read_bytes()
    changed = stage.documents / "bread 0.txt"
    text = changed.read_bytes()
    try:
        changed.write_text("The landlord bakes bread on the ferry.")
        stage.index(paths)
        for file in paths.data_dir.glob("ledger.sqlite-*"):
            file.unlink()
        paths.ledger.write_bytes(earlier)
        assert FindingKind.PASSAGES_FOREIGN in kinds(paths)
        repair(paths)
        stage.index(paths)
        found = read_serving(paths.data_dir)[1]  # which sees that no row is there twice
        assert len(found) == len(stage.expected)
        assert kinds(paths) == []
    finally:
        changed.write_bytes(text)


def test_a_ledger_of_a_newer_program_is_left_alone(stage: DamageStage, tmp_path: Path) -> None:
    paths = stage.copied(tmp_path / "data")
    with closing(sqlite3.connect(paths.ledger)) as ledger:
        ledger.execute(f"PRAGMA user_version = {len(UPGRADES) + 1}")
    before = paths.ledger.read_bytes()
    (finding,) = examine(paths, thorough=True)
    assert finding.kind is FindingKind.LEDGER_TOO_NEW
    assert finding.repair is Repair.NONE
    assert repair(paths).left == (finding,)
    assert paths.ledger.read_bytes() == before


def test_damaged_settings_come_back_from_their_copy(stage: DamageStage, tmp_path: Path) -> None:
    paths = stage.copied(tmp_path / "data")
    whole = paths.settings.read_bytes()
    paths.settings.write_text("{")
    assert kinds(paths, thorough=False) == [FindingKind.SETTINGS_DAMAGED]
    report = repair(paths)
    assert paths.settings.read_bytes() == whole
    assert report.aside is not None
    assert (report.aside / "settings.json").read_text() == "{"


def test_a_folder_in_the_place_of_a_file_is_moved_out_of_the_way(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    paths.settings.unlink()
    paths.settings.mkdir()
    assert kinds(paths, thorough=False) == [FindingKind.IN_THE_WAY]
    index_to_the_end(stage, paths)


def test_a_store_without_its_ledger_is_not_opened_with_an_empty_one(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    for file in paths.data_dir.glob("ledger.sqlite*"):
        file.unlink()
    for read_only in (True, False):
        with pytest.raises(StoreError, match="missing or empty") as told:
            DataFolder(paths).open(read_only=read_only)
        assert "doctor --repair" in told.value.hint
    assert not paths.ledger.exists()
    assert table_of(paths).is_dir()


def test_a_missing_table_is_not_replaced_by_an_empty_one(
    stage: DamageStage, tmp_path: Path
) -> None:
    paths = stage.copied(tmp_path / "data")
    table_of(paths).rename(tmp_path / "elsewhere")
    folder = DataFolder(paths)
    folder.open()
    try:
        serving = folder.ledger.editions.serving()
        assert serving is not None
        with pytest.raises(StoreError, match="is missing"):
            folder.store_of(serving)
    finally:
        folder.close()
    assert not list(paths.store.glob("*.lance"))
