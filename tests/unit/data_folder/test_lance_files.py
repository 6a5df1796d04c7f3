"""What a manifest of LanceDB says, and that damaged ones are refused."""

import random
from pathlib import Path

import pytest
from damage_stage import DAMAGES, DamageStage

from vext_desktop.index.health.lance_files import manifests, read_version


def test_a_manifest_names_every_file_of_its_version(stage: DamageStage, tmp_path: Path) -> None:
    table = next(stage.copied(tmp_path / "data").store.glob("*.lance"))
    version = read_version(manifests(table)[0])
    assert sum(fragment.rows for fragment in version.fragments) >= len(stage.expected)
    for fragment in version.fragments:
        for name, size_bytes in fragment.data:
            assert (table / name).stat().st_size == size_bytes
    assert version.index_folders
    assert all((table / folder).is_dir() for folder in version.index_folders)


@pytest.mark.parametrize("damage", ["truncate", "zero", "garbage"])
def test_a_damaged_manifest_is_refused(stage: DamageStage, tmp_path: Path, damage: str) -> None:
    table = next(stage.copied(tmp_path / "data").store.glob("*.lance"))
    manifest = manifests(table)[0]
    DAMAGES[damage](manifest, random.Random(1))
    with pytest.raises(ValueError, match="it"):
        read_version(manifest)


def test_flipped_bits_are_refused_or_read_but_never_break_it(
    stage: DamageStage, tmp_path: Path
) -> None:
    table = next(stage.copied(tmp_path / "data").store.glob("*.lance"))
    manifest = manifests(table)[0]
    whole, chance = manifest.read_bytes(), random.Random(2)
    refused = 0
    for _ in range(300):
        manifest.write_bytes(whole)
        DAMAGES["flip"](manifest, chance)
        try:
            read_version(manifest)
        except (ValueError, UnicodeDecodeError):
            refused += 1
    assert refused > 100
