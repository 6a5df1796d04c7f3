"""What the data folder takes on disk, by part, and what of that can be given back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.lance_files import TableVersion, manifests, read_version
from vext_desktop.index.table_names import (
    BRIEFS,
    VOLUMES,
    bytes_in,
    table_folder,
    volume_folders,
)
from vext_desktop.paths import Paths
from vext_desktop.readings import format_bytes

# As `rows.schema` keeps them: float16.
_BYTES_IN_NUMBER = 2
# Less than this is not worth a word: the ledger alone changes by as much.
_NOTHING_BYTES = 100_000
# Files that only a text index has.
_TEXT_INDEX_SIGN = "_invert.lance"


@dataclass(frozen=True, slots=True)
class DiskPart:
    """One part of the data folder.

    Attributes:
        name: What scripts call it.
        words: What people call it.
        size_bytes: What it takes.
        reclaimable_bytes: What tidying up gives back of it.
    """

    name: str
    words: str
    size_bytes: int
    reclaimable_bytes: int = 0


@dataclass(frozen=True, slots=True)
class DiskUse:
    """All parts of the data folder; together they are what it takes."""

    parts: tuple[DiskPart, ...]

    @property
    def size_bytes(self) -> int:
        """What the whole data folder takes."""
        return sum(part.size_bytes for part in self.parts)

    @property
    def reclaimable_bytes(self) -> int:
        """What tidying up would give back, before it begins."""
        return sum(part.reclaimable_bytes for part in self.parts)

    @property
    def is_worth_tidying(self) -> bool:
        """Whether that is more than next to nothing."""
        return self.reclaimable_bytes >= _NOTHING_BYTES

    @property
    def promise(self) -> str:
        """The same as a sentence."""
        if not self.is_worth_tidying:
            return "There is nothing to tidy up: all of it is in use."
        return f"Tidying up gives back about {format_bytes(self.reclaimable_bytes)}."


@dataclass(frozen=True, slots=True)
class TidyReceipt:
    """What tidying up gave back.

    Attributes:
        before: The data folder before it.
        after: The data folder after it.
        seconds: How long it took.
    """

    before: DiskUse
    after: DiskUse
    seconds: float

    @property
    def freed_bytes(self) -> int:
        """How much less the data folder takes now; less than nothing if it takes more."""
        return self.before.size_bytes - self.after.size_bytes

    @property
    def sentence(self) -> str:
        """What a person is told."""
        now = f"the data folder takes {format_bytes(self.after.size_bytes)} now"
        if self.freed_bytes > _NOTHING_BYTES:
            gain = format_bytes(self.freed_bytes)
            return f"Tidying up gave back {gain} in {self.seconds:.1f} s: {now}."
        if self.freed_bytes < -_NOTHING_BYTES:
            more = format_bytes(-self.freed_bytes)
            return (
                f"Tidying up took {self.seconds:.1f} s and made searches quicker; that takes "
                f"{more} more on the disk: {now}."
            )
        return f"Tidying up gave nothing back: {now}."


def measure_disk(paths: Paths, used: Sequence[Edition], kept: Iterable[Edition]) -> DiskUse:
    """Look at the whole data folder: tens of milliseconds.

    Args:
        paths: Where it lies.
        used: The editions that serve and are worked on.
        kept: Those that are kept beside them.
    """
    rows = vectors = text_index = vector_index = briefs = old = 0
    for edition in used:
        whole = table_folder(paths.store, edition.table_name)
        for volume in volume_folders(whole):
            found = _measure_volume(volume, edition.dimension)
            if found is None:
                continue  # it counts as "other": nobody can tell what of it is in use
            rows, vectors = rows + found[0], vectors + found[1]
            text_index, vector_index = text_index + found[2], vector_index + found[3]
            own_bytes = bytes_in(volume) - (bytes_in(volume / VOLUMES) if volume == whole else 0)
            brief = bytes_in(volume / BRIEFS)
            briefs += brief
            old += max(0, own_bytes - brief - sum(found))
    kept_bytes = sum(bytes_in(table_folder(paths.store, edition.table_name)) for edition in kept)
    ledger = sum(_size(file) for file in paths.ledger.parent.glob(f"{paths.ledger.name}*"))
    known = [
        DiskPart("passages", "passages", rows),
        DiskPart("vectors", "vectors", vectors),
        DiskPart("text_index", "index of words", text_index),
        DiskPart("vector_index", "index of vectors", vector_index),
        DiskPart("briefs", "copies for quick searches", briefs),
        DiskPart("old_versions", "what is no longer needed", old, old),
        DiskPart("kept_index", "old index that is kept", kept_bytes),
        DiskPart("ledger", "list of files", ledger),
        DiskPart("runs", "recorded runs", bytes_in(paths.runs)),
        DiskPart("logs", "logs", bytes_in(paths.logs)),
        DiskPart("prepared_models", "prepared models", bytes_in(paths.prepared_models)),
        DiskPart("safe", "copies for repair", bytes_in(paths.safe)),
    ]
    rest = bytes_in(paths.data_dir) - sum(part.size_bytes for part in known)
    return DiskUse((*known, DiskPart("other", "other", max(0, rest))))


def _measure_volume(folder: Path, dimension: int) -> tuple[int, int, int, int] | None:
    """Bytes in use of passages, vectors, text index and vector index; None if it is damaged."""
    version = _latest(folder)
    if version is None:
        return None
    data = sum(_size(folder / name) for piece in version.fragments for name, _ in piece.data)
    data += sum(_size(folder / piece.deletions) for piece in version.fragments if piece.deletions)
    vectors = sum(piece.rows for piece in version.fragments) * dimension * _BYTES_IN_NUMBER
    vectors = min(vectors, data)
    text_index = vector_index = 0
    for name in version.index_folders:
        size_bytes = bytes_in(folder / name)
        if any(file.name.endswith(_TEXT_INDEX_SIGN) for file in (folder / name).glob("*")):
            text_index += size_bytes
        else:
            vector_index += size_bytes
    return data - vectors + _size(version.manifest), vectors, text_index, vector_index


def _latest(folder: Path) -> TableVersion | None:
    try:
        return read_version(manifests(folder)[0])
    except (IndexError, OSError, ValueError):
        return None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # another program is tidying up just now
