"""Copies of the few small files without which the large ones are worth nothing.

Beside the ledger and the store lies a folder with a copy of the ledger, of the settings, and of
each table's manifest, and the seals of the store's files. They are renewed at the end of a run that
has changed something; a repair takes from them what is lost elsewhere.
"""

import json
import logging
import os
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path

from vext_desktop.events import IndexEvent, RunFinished, StoreMaintaining
from vext_desktop.index.health.lance_files import manifests
from vext_desktop.index.health.seals import TableSeals, as_json, read_seals, seal_table
from vext_desktop.index.health.volume_files import Volume, manifest_copy, volumes_of
from vext_desktop.index.room import MIN_FREE_BYTES, free_bytes
from vext_desktop.index.table_names import table_names
from vext_desktop.paths import Paths

logger = logging.getLogger("vext.store")

# Changes with everything that a repair would want back; runs and what they have seen do not.
_SIGNATURE = """
SELECT 'files', count(*), total(generation), total(last_generation), total(size_bytes),
    total(mtime_ns % 1000003), total(chunks), max(file_id), total(needs_reading) FROM files
UNION ALL SELECT state, count(*), 0, 0, 0, 0, 0, 0, 0 FROM files GROUP BY state
UNION ALL SELECT table_name, edition_id, is_worked_on, is_serving, is_dropped,
    coalesce(completed_at, 0), coalesce(replaced_at, 0), 0, 0 FROM editions
UNION ALL SELECT hex(path), 0, 0, 0, 0, 0, 0, 0, 0 FROM roots
UNION ALL SELECT key || value, 0, 0, 0, 0, 0, 0, 0, 0 FROM meta
UNION ALL SELECT 'kept', count(*), total(file_id), total(generation), 0, 0, 0, 0, 0
    FROM kept_passages
"""


class Safekeeping:
    """Renews the copies and the seals.

    Args:
        paths: The data folder; open for writing by whoever calls.
        measure_free: Bytes free on the disk of a folder.
    """

    def __init__(self, paths: Paths, measure_free: Callable[[Path], int] = free_bytes) -> None:
        self._paths = paths
        self._measure_free = measure_free

    def steps(self) -> Iterator[None]:
        """Bring everything up to date, in steps of well under a second; never raises.

        Without room to spare nothing is done: documents come before copies.
        """
        try:
            ledger_bytes = self._paths.ledger.stat().st_size
            if self._measure_free(self._paths.data_dir) < MIN_FREE_BYTES + 2 * ledger_bytes:
                return
            self._paths.safe.mkdir(mode=0o700, exist_ok=True)
            self._keep_settings()
            self._keep_ledger()
            yield from self._keep_tables()
        except (OSError, sqlite3.Error) as error:
            logger.warning("the copies for a repair could not be renewed: %s", error)

    def _keep_settings(self) -> None:
        try:
            data = self._paths.settings.read_bytes()
            json.loads(data)
        except (OSError, ValueError):
            return
        copy = self._paths.safe / self._paths.settings.name
        if not copy.exists() or copy.read_bytes() != data:
            write_whole(copy, data)

    def _keep_ledger(self) -> None:
        copy = self._paths.safe / self._paths.ledger.name
        with closing(_connect(self._paths.ledger)) as ledger:
            if copy.exists() and _signature(ledger) == _signature_of(copy):
                return
            draft = copy.with_suffix(".tmp")
            draft.unlink(missing_ok=True)
            ledger.execute("VACUUM INTO ?", (str(draft),))
        _sync(draft)
        draft.replace(copy)

    def _keep_tables(self) -> Iterator[None]:
        file = self._paths.safe / "seals.json"
        try:
            before = read_seals(file)
        except ValueError:
            before = {}
        after: dict[str, TableSeals] = {}
        for name in sorted(table_names(self._paths.store)):
            for volume in volumes_of(self._paths.store, name):
                latest = next(iter(manifests(volume.folder)), None)
                if latest is None:
                    continue
                for seals in seal_table(volume.folder, latest.name, before.get(volume.key)):
                    if seals is None:
                        yield
                    else:
                        after[volume.key] = seals
                write_whole(manifest_copy(self._paths.safe, volume), latest.read_bytes())
        if after != before:
            write_whole(file, as_json(after).encode())
        for copy in self._paths.safe.glob("*.manifest"):
            if copy.stem not in after:
                copy.unlink()


def kept_safe(
    run: Generator[IndexEvent, None, None], safekeeping: Safekeeping
) -> Generator[IndexEvent, None, None]:
    """A run's events; before the last one the copies are renewed."""
    with closing(run):
        for event in run:
            if isinstance(event, RunFinished):
                for _ in safekeeping.steps():
                    yield StoreMaintaining()
            yield event


def forget_volume(paths: Paths, volume: Volume) -> None:
    """Forget the seals of a volume that was made anew; the next run seals it."""
    manifest_copy(paths.safe, volume).unlink(missing_ok=True)
    file = paths.safe / "seals.json"
    try:
        seals = read_seals(file)
    except ValueError:
        return  # moved aside by the repair that calls this
    if seals.pop(volume.key, None) is not None:
        write_whole(file, as_json(seals).encode())


def write_whole(file: Path, data: bytes) -> None:
    """Write a file in one step, safe on the disk, readable by its owner alone."""
    draft = file.with_name(f"{file.name}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def _sync(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _signature(connection: sqlite3.Connection) -> list[str]:
    return sorted(map(repr, connection.execute(_SIGNATURE)))


def _signature_of(file: Path) -> list[str] | None:
    try:
        with closing(_connect(file)) as connection:
            return _signature(connection)
    except sqlite3.Error:
        return None
