"""A state of the index that holds still while it is copied, whatever a run writes meanwhile.

The ledger is copied in one transaction. LanceDB never changes a file, so links to the files of a
table's latest version are a copy of it that costs nothing; the version is read again if maintenance
has removed a file of it in that moment.
"""

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil

from vext_desktop.errors import StoreError
from vext_desktop.index.health.lance_files import TableVersion, manifests, read_version
from vext_desktop.index.health.ledger_check import open_to_read
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.table_names import table_folder, volume_folders
from vext_desktop.memory.run_record_file import SUFFIX
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings

_PREFIX = "snapshot-"
_TRIES = 5


@contextlib.contextmanager
def snapshot(paths: Paths) -> Iterator[Path]:
    """A folder with everything that belongs into a backup; gone after the block.

    Raises:
        StoreError: There is no index, or it cannot be read.
    """
    if not paths.ledger.is_file():
        raise StoreError(
            f"There is no index in {paths.data_dir}, so there is nothing to back up.",
            "Index a folder first, or name another data folder with --data-dir.",
        )
    folder = paths.data_dir / f"{_PREFIX}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    _remove_left(paths.data_dir)
    try:
        folder.mkdir(mode=0o700)
        _copy_ledger(paths.ledger, folder / paths.ledger.name)
        for name in table_names_of(folder / paths.ledger.name):
            for volume in volume_folders(table_folder(paths.store, name)):
                _link_table(volume, folder / volume.parent.relative_to(paths.data_dir))
        _copy_settings(paths.settings, folder / paths.settings.name)
        _link_rest(paths, folder)
        yield folder
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"The index in {paths.data_dir} could not be read for a backup ({error}).",
            "Run vext-desktop doctor: it says what is damaged. The index itself was not changed.",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left(data_dir: Path) -> None:
    """Remove what backups left that were killed: its links keep old files on the disk."""
    for folder in data_dir.glob(f"{_PREFIX}*"):
        process = folder.name.removeprefix(_PREFIX)
        if not process.isdigit() or not psutil.pid_exists(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def table_names_of(ledger_file: Path) -> list[str]:
    """The tables of all editions that a ledger knows and has not given up."""
    with Ledger(ledger_file, read_only=True) as ledger:
        in_use = [ledger.editions.serving(), ledger.editions.worked_on(), *ledger.editions.kept()]
        return list(dict.fromkeys(one.table_name for one in in_use if one is not None))


def _copy_ledger(source: Path, target: Path) -> None:
    with closing(open_to_read(source)) as ledger:
        ledger.execute("VACUUM INTO ?", (str(target),))


def _link_table(table: Path, store: Path) -> None:
    if not table.is_dir():
        return  # nothing was ever written to it
    for attempt in range(_TRIES):
        target = store / table.name
        shutil.rmtree(target, ignore_errors=True)
        try:
            version = read_version(manifests(table)[0])
            for name in _names(table, version):
                _link(table / name, target / name)
        except (FileNotFoundError, IndexError):
            if attempt == _TRIES - 1:
                raise StoreError(
                    f"A part of the index is missing ({table.name}), so it cannot be backed up.",
                    "Run vext-desktop doctor --repair, then try again.",
                ) from None
        except ValueError as error:
            raise StoreError(
                f"The index is damaged ({table.name}: {error}), so it cannot be backed up.",
                "Run vext-desktop doctor --repair, then try again.",
            ) from error
        else:
            return


def _names(table: Path, version: TableVersion) -> Iterator[str]:
    yield f"_versions/{version.manifest.name}"
    for fragment in version.fragments:
        yield from (name for name, _ in fragment.data)
        if fragment.deletions:
            yield fragment.deletions
    for folder in version.index_folders:
        for place, _, files in os.walk(table / folder):
            yield from (Path(place, name).relative_to(table).as_posix() for name in files)


def _copy_settings(source: Path, target: Path) -> None:
    """Known settings only, and no address with a password in it."""
    try:
        found = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if not isinstance(found, dict):
        return
    kept = {
        name: value
        for name, value in found.items()
        if name in Settings.model_fields and not (name.endswith("_url") and "@" in str(value))
    }
    target.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _link_rest(paths: Paths, folder: Path) -> None:
    if paths.service_models.is_file():
        _link(paths.service_models, folder / paths.service_models.name)
    for record in sorted(paths.runs.glob(f"*{SUFFIX}")):
        with contextlib.suppress(FileNotFoundError):  # old ones are removed at the end of a run
            _link(record, folder / paths.runs.name / record.name)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)  # a file system without links
