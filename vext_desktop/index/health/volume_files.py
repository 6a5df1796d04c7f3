"""The volumes of a table as they lie on disk, and what is sealed of each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.index.health.seals import TableSeals
from vext_desktop.index.table_names import VOLUMES, table_folder


@dataclass(frozen=True, slots=True)
class Volume:
    """One of the LanceDB tables that make up an edition's table.

    Attributes:
        number: 0 for the table itself, in whose folder the others lie.
        folder: Where it lies; need not exist.
        key: What its seals and the copy of its manifest are named by.
    """

    number: int
    folder: Path
    key: str


def volumes_of(
    store: Path, table_name: str, seals: Mapping[str, TableSeals] | None = None
) -> list[Volume]:
    """The volumes of a table up to the last that is there or was sealed, missing ones too."""
    table = table_folder(store, table_name)
    last = max((0, *_numbers(table), *_sealed_numbers(table_name, seals or {})))
    return [Volume(0, table, table_name)] + [
        Volume(number, table_folder(table / VOLUMES, str(number)), f"{table_name}.{number}")
        for number in range(1, last + 1)
    ]


def manifest_copy(safe: Path, volume: Volume) -> Path:
    """Where `Safekeeping` keeps a copy of a volume's manifest."""
    return safe / f"{volume.key}.manifest"


def _numbers(table: Path) -> Iterator[int]:
    for entry in (table / VOLUMES).glob("*.lance"):
        if entry.stem.isdigit():
            yield int(entry.stem)


def _sealed_numbers(table_name: str, seals: Mapping[str, TableSeals]) -> Iterator[int]:
    for key in seals:
        name, _, number = key.rpartition(".")
        if name == table_name and number.isdigit():
            yield int(number)
