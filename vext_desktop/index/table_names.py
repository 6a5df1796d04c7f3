"""The tables in the store's folder: their names, their sizes, and whose vectors they hold."""

import os
from hashlib import blake2b
from pathlib import Path
from typing import Any

from vext_desktop.errors import StoreError
from vext_desktop.index.lance_import import import_lancedb
from vext_desktop.index.rows import MODEL_KEY

_PREFIX = "chunks-"
_SUFFIX = ".lance"
# Where in a table's folder its further volumes lie: 1.lance, 2.lance and so on.
VOLUMES = "_volumes"
# Where in the folder of a volume its brief lies: told by its rows, so in no backup.
BRIEFS = "_briefs"
# The widest vectors of any model today have 4096 numbers; 8192 names are hashed in 10 ms.
_MOST_DIMENSIONS = 8192


def name_table(model: str, dimension: int, number: int = 0) -> str:
    """The name of a table.

    Args:
        model: Name of the model.
        dimension: Numbers in each of its vectors.
        number: Tells several tables of one model apart; the first one has none.
    """
    digest = blake2b(f"{model}\n{dimension}".encode("utf-8", "replace"), digest_size=8)
    return f"{_PREFIX}{digest.hexdigest()}{f'-{number}' if number else ''}"


def unkempt_mark(folder: Path, name: str) -> Path:
    """The file that is there while a table waits for maintenance."""
    return folder / f"{name}.unkempt"


def find_dimension(folder: Path, model: str) -> int | None:
    """The dimension of a model's table, told by the table's name; None if it has none here."""
    there = table_names(folder)
    if not there:
        return None
    for dimension in range(1, _MOST_DIMENSIONS + 1):
        if name_table(model, dimension) in there:
            return dimension
    return None


def table_names(folder: Path) -> set[str]:
    """The tables that are in the store's folder."""
    return {entry.name.removesuffix(_SUFFIX) for entry in folder.glob(f"{_PREFIX}*{_SUFFIX}")}


def table_folder(folder: Path, name: str) -> Path:
    """Where a table lies."""
    return folder / f"{name}{_SUFFIX}"


def volume_numbers(table: Path) -> list[int]:
    """The further volumes in a table's folder, ascending, as far as none is missing."""
    numbers: list[int] = []
    while (table / VOLUMES / f"{len(numbers) + 1}{_SUFFIX}").is_dir():
        numbers.append(len(numbers) + 1)
    return numbers


def volume_folders(table: Path) -> list[Path]:
    """The folders of all volumes of a table; the first is its own."""
    further = [table / VOLUMES / f"{number}{_SUFFIX}" for number in volume_numbers(table)]
    return [table, *further]


def table_bytes(folder: Path, name: str) -> int:
    """What a table takes on disk."""
    return bytes_in(table_folder(folder, name))


def bytes_in(folder: Path) -> int:
    """What all files in a folder take on disk; 0 if there is no such folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(place, name).stat().st_size
            except FileNotFoundError:
                continue  # another program is tidying up just now
    return total


def drop_table(folder: Path, name: str) -> None:
    """Remove a table and its mark; harmless if it is gone, wholly or in part.

    Raises:
        StoreError: It cannot be removed.
    """
    if table_folder(folder, name).is_dir():
        try:
            import_lancedb().connect(folder).drop_table(name, ignore_missing=True)
        except (RuntimeError, OSError, ValueError) as error:
            raise StoreError(
                f"The index that is no longer used could not be removed from {folder} ({error}).",
                "It is tried again at the next run; it takes only room.",
            ) from error
    unkempt_mark(folder, name).unlink(missing_ok=True)


def set_table_aside(folder: Path, name: str) -> Path:
    """Give a table a name under which it is none, so that one can be made in its place."""
    table = folder / f"{name}{_SUFFIX}"
    number = 1
    while (aside := table.with_name(f"{table.name}.unreadable-{number}")).exists():
        number += 1
    table.rename(aside)
    return aside


def check_maker(folder: Path, schema: Any, dimension: int, model: str) -> None:
    """See that a table holds vectors of this model and dimension.

    Raises:
        StoreError: It holds others: a search in it would find anything.
    """
    width = int(schema.field("vector").type.list_size)
    maker = (schema.metadata or {}).get(MODEL_KEY, b"").decode("utf-8", "replace")
    if width == dimension and (not model or not maker or maker == _stored(model)):
        return
    was_made = f"with {maker} ({width} numbers in a vector)" if maker else f"with {width} numbers"
    raise StoreError(
        f"The index in {folder} was made {was_made}, not with {model or 'this model'} "
        f"({dimension}): vectors of two models cannot be compared.",
        "Choose the model that made it in the settings, or move the data folder away and index "
        "anew: your documents are untouched.",
    )


def _stored(model: str) -> str:
    return model.encode("utf-8", "replace").decode("utf-8", "replace")
