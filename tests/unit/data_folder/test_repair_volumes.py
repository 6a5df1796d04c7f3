"""Repairing an index of several volumes: what is well in the others stays as it is."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from damage_stage import DamageStage, garbage, repair
from rebuild_stage import read_serving

from vext_desktop.index.health import repair as repair_module
from vext_desktop.index.health.examination import examine
from vext_desktop.index.health.finding import FindingKind
from vext_desktop.index.health.table_salvage import salvage_volume
from vext_desktop.paths import Paths

CHANCE = random.Random(0)


def kinds(paths: Paths) -> list[FindingKind]:
    return [finding.kind for finding in examine(paths, thorough=True)]


@pytest.fixture
def more(stage: DamageStage) -> Iterator[list[Path]]:
    """Further documents beside those that all tests share."""
    made = [stage.documents / f"more {number}.txt" for number in range(9)]
    for number, document in enumerate(made):
        document.write_text(f"The dog of the lighthouse keeper, note {number}.")
    yield made
    for document in made:
        document.unlink(missing_ok=True)


def table_of(paths: Paths) -> Path:
    return next(paths.store.glob("*.lance"))


def test_of_several_volumes_only_the_damaged_one_is_made_anew(
    stage: DamageStage, tmp_path: Path, more: list[Path]
) -> None:
    paths = stage.copied(tmp_path / "data")
    stage.index_in_volumes(paths, max_rows=len(stage.expected))
    expected = read_serving(paths.data_dir)[1]
    table = table_of(paths)
    (further,) = (table / "_volumes").glob("*.lance")
    first_files = sorted((table / "data").iterdir())
    assert kinds(paths) == []
    garbage(next((further / "data").iterdir()), CHANCE)
    assert kinds(paths) == [FindingKind.TABLE_DAMAGED]
    report = repair(paths)
    assert report.files_to_read == len(more)
    assert sorted((table / "data").iterdir()) == first_files
    assert stage.index(paths) == len(more)
    assert read_serving(paths.data_dir)[1] == expected
    garbage(next((table / "data").iterdir()), CHANCE)
    assert repair(paths).files_to_read == len(stage.expected)
    assert stage.index(paths) == len(stage.expected)
    assert read_serving(paths.data_dir)[1] == expected


@pytest.mark.usefixtures("more")
def test_a_repair_that_is_killed_loses_no_volume(
    stage: DamageStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = stage.copied(tmp_path / "data")
    stage.index_in_volumes(paths, max_rows=len(stage.expected))
    expected = read_serving(paths.data_dir)[1]
    table = table_of(paths)
    garbage(next((table / "data").iterdir()), CHANCE)
    image = Paths(tmp_path / "image")

    def salvage(*given: Any) -> Iterator[tuple[int, int]]:
        shutil.copytree(paths.data_dir, image.data_dir)
        return salvage_volume(*given)

    with monkeypatch.context() as killed:
        killed.setattr(repair_module, "salvage_volume", salvage)
        repair(paths)
    paths = image  # as it is after a kill
    assert repair(paths).files_to_read == len(stage.expected)
    assert stage.index(paths) == len(stage.expected)
    assert read_serving(paths.data_dir)[1] == expected
