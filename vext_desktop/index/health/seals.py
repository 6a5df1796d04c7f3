"""Fingerprints of the store's files: LanceDB never changes a file, so one that differs is damaged.

LanceDB keeps no checksums: a flipped bit in a text or a vector would go unnoticed for ever.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vext_desktop.index.table_names import BRIEFS, VOLUMES

# These change, belong to no version, can be made anew, or are volumes with seals of their own.
_NOT_SEALED = frozenset({"_transactions", BRIEFS, VOLUMES})
_STEP_BYTES = 32 << 20
_PIECE_BYTES = 1 << 20
FORMAT = 1


@dataclass(frozen=True, slots=True)
class TableSeals:
    """What is known of the files of one table.

    Attributes:
        manifest: Name of the manifest of the version that was sealed.
        files: Size in bytes and BLAKE2b (16 bytes, hexadecimal), by name from the table's folder.
    """

    manifest: str
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def is_broken(self, table: Path, name: str) -> bool:
        """Whether a file that is there is another one than was sealed; reads all of it."""
        known = self.files.get(name)
        if known is None:
            return False
        try:
            if (table / name).stat().st_size != known[0]:
                return True
            return digest(table / name) != known[1]
        except OSError:
            return True


def read_seals(file: Path) -> dict[str, TableSeals]:
    """The seals of each table; none if there is no such file.

    Raises:
        ValueError: It is damaged.
        OSError: It cannot be read.
    """
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            return {}
        return {
            str(name): TableSeals(
                str(table["manifest"]),
                {
                    str(path): (int(seal[0]), str(seal[1]))
                    for path, seal in dict(table["files"]).items()
                },
            )
            for name, table in dict(found["tables"]).items()
        }
    except FileNotFoundError:
        return {}
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"it is not what was written ({error!r})") from error


def as_json(seals: Mapping[str, TableSeals]) -> str:
    """What `read_seals` reads."""
    tables = {
        name: {"manifest": table.manifest, "files": {k: list(v) for k, v in table.files.items()}}
        for name, table in seals.items()
    }
    return json.dumps({"format": FORMAT, "tables": tables})


def seal_table(
    table: Path, manifest: str, before: TableSeals | None
) -> Iterator[TableSeals | None]:
    """Seal a table's files; those that were sealed before are not read again.

    Yields:
        None after each some ten megabytes; at last the seals.
    """
    files: dict[str, tuple[int, str]] = {}
    read_bytes = 0
    for name in sorted(_names(table)):
        try:
            size_bytes = (table / name).stat().st_size
            known = before.files.get(name) if before else None
            if known is not None and known[0] == size_bytes:
                files[name] = known
                continue
            files[name] = (size_bytes, digest(table / name))
        except FileNotFoundError:
            continue  # maintenance has removed it meanwhile
        read_bytes += size_bytes
        if read_bytes >= _STEP_BYTES:
            read_bytes = 0
            yield None
    yield TableSeals(manifest, files)


def digest(file: Path) -> str:
    """BLAKE2b of a file, 16 bytes long, in hexadecimal; about 1 GB/s."""
    found = hashlib.blake2b(digest_size=16)
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            found.update(piece)
    return found.hexdigest()


def _names(table: Path) -> Iterator[str]:
    for place, folders, names in os.walk(table):
        folders[:] = [name for name in folders if name not in _NOT_SEALED]
        for name in names:
            if not name.endswith(".json"):  # LanceDB's hint at the latest version
                yield Path(place, name).relative_to(table).as_posix()
