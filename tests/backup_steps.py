"""Steps that the tests of backups share."""

from pathlib import Path

from vext_desktop.assembly.backups import Backups
from vext_desktop.paths import Paths


def back_up(paths: Paths, file: Path) -> Path:
    for _ in Backups(paths).write(file):
        pass
    return file


def restore(
    paths: Paths, file: Path, places: dict[str, str] | None = None, *, replaces: bool = False
) -> Backups:
    backups = Backups(paths)
    for _ in backups.restore(file, places or {}, replaces=replaces):
        pass
    return backups


def state_of(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "writer.lock"
    }
