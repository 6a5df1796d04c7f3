"""Are the files of a table all there and what they were; nothing here opens the table itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vext_desktop.index.edition_reader import Edition
from vext_desktop.index.health.finding import Finding, FindingKind, Repair
from vext_desktop.index.health.lance_files import Fragment, TableVersion, manifests, read_version
from vext_desktop.index.health.seals import TableSeals
from vext_desktop.index.health.volume_files import volumes_of
from vext_desktop.index.table_names import table_folder

_AGAIN = (
    "A repair keeps every passage that is still whole; only the files of the others are read and "
    "processed again."
)


@dataclass(frozen=True, slots=True)
class TableState:
    """How the files of a table are.

    Attributes:
        folder: Where it lies.
        version: The version that its latest readable manifest describes; None without any.
        lost_version: Why that is not its last version; "" if it is.
        bad_fragments: Numbers of the fragments with files that are missing or damaged.
        has_bad_index: Whether a file of its search indices is.
    """

    folder: Path
    version: TableVersion | None
    lost_version: str = ""
    bad_fragments: frozenset[int] = field(default_factory=frozenset)
    has_bad_index: bool = False

    @property
    def is_well(self) -> bool:
        """Whether nothing is missing or damaged."""
        is_latest = self.version is not None and not self.lost_version
        return is_latest and not self.bad_fragments and not self.has_bad_index

    @property
    def rows_lost(self) -> int:
        """How many rows the bad fragments held."""
        fragments = self.version.fragments if self.version else ()
        return sum(one.rows for one in fragments if one.number in self.bad_fragments)


def look_at_table(
    folder: Path, seals: TableSeals | None, *, thorough: bool, copy: Path | None = None
) -> TableState:
    """How the files of a table are.

    Args:
        folder: Where the table lies.
        seals: What is known of its files.
        thorough: Whether their content is compared with the seals too, at about 1 GB/s.
        copy: A copy of a manifest, taken if it is of a later version than those that are there.
    """
    version, lost = _latest(folder, seals, thorough=thorough)
    version = _later(version, copy)
    if version is None:
        return TableState(folder, None, lost)
    bad = frozenset(
        fragment.number
        for fragment in version.fragments
        if _is_bad(folder, fragment, seals, thorough=thorough)
    )
    has_bad_index = any(
        _is_bad_index(folder, name, seals, thorough=thorough) for name in version.index_folders
    )
    return TableState(folder, version, lost, bad, has_bad_index)


def check_table(
    store: Path,
    edition: Edition,
    passages: int,
    seals: Mapping[str, TableSeals],
    *,
    thorough: bool,
) -> list[Finding]:
    """What is wrong with the files of an edition's table; at most one finding."""
    folder = table_folder(store, edition.table_name)
    part = f"{store.name}/{folder.name}"
    if not folder.is_dir():
        if not passages:
            return []  # it is made when it is first needed
        return [
            Finding(
                FindingKind.TABLE_MISSING,
                part,
                f"The index with {passages} passages of your files is missing ({part}), so nothing "
                "of them is found. Your documents are untouched.",
                "A repair lets all these files be read and processed again at the next run.",
                Repair.TABLE,
                edition.table_name,
            )
        ]
    states = [
        look_at_table(volume.folder, seals.get(volume.key), thorough=thorough)
        for volume in volumes_of(store, edition.table_name, seals)
    ]
    bad = [state for state in states if not state.is_well]
    if not bad:
        return []
    return [
        Finding(
            FindingKind.TABLE_DAMAGED,
            part,
            f"{_words(bad)} Your documents are untouched.",
            _AGAIN,
            Repair.TABLE,
            edition.table_name,
        )
    ]


def _words(bad: Sequence[TableState]) -> str:
    closed = next((state for state in bad if state.version is None), None)
    if closed is not None:
        return (
            f"A part of the index cannot be opened: {closed.lost_version}, so files are not found, "
            "and searches may fail."
        )
    rows = sum(state.rows_lost for state in bad)
    if rows:
        return (
            f"A part of the index with {rows} passages is missing or damaged, so some of your "
            "files are not found, and searches may fail."
        )
    lost = next((state.lost_version for state in bad if state.lost_version), "")
    if lost:
        return (
            f"The latest state of the index is lost ({lost}), so files that were indexed last may "
            "not be found."
        )
    return "The word index of the search is damaged, so searches may fail or miss passages."


def _latest(
    folder: Path, seals: TableSeals | None, *, thorough: bool
) -> tuple[TableVersion | None, str]:
    """The latest version that can be read, and why it is not the last one."""
    lost = ""
    found = manifests(folder)
    sealed = seals.manifest if seals else ""
    if sealed and (not found or int(found[0].stem) > int(Path(sealed).stem)):
        lost = "its list of files is missing"
    for manifest in found:
        name = f"_versions/{manifest.name}"
        try:
            if thorough and seals and seals.is_broken(folder, name):
                raise ValueError("its list of files has been changed")
            return read_version(manifest), lost
        except (OSError, ValueError, UnicodeDecodeError):
            lost = "its list of files is damaged"
    return None, lost or "its list of files is missing"


def _later(version: TableVersion | None, copy: Path | None) -> TableVersion | None:
    if copy is None:
        return version
    try:
        kept = read_version(copy)
    except (OSError, ValueError, UnicodeDecodeError):
        return version
    return kept if version is None or kept.version > version.version else version


def _is_bad(folder: Path, fragment: Fragment, seals: TableSeals | None, *, thorough: bool) -> bool:
    for name, size_bytes in fragment.data:
        try:
            found_bytes = (folder / name).stat().st_size
        except OSError:
            return True
        if not found_bytes or (size_bytes and found_bytes != size_bytes):
            return True
    if fragment.deletions and not _has_content(folder / fragment.deletions):
        return True
    if not thorough or seals is None:
        return False
    names = [name for name, _ in fragment.data] + [fragment.deletions]
    return any(seals.is_broken(folder, name) for name in names if name)


def _is_bad_index(folder: Path, index: str, seals: TableSeals | None, *, thorough: bool) -> bool:
    if not (folder / index).is_dir() or not any((folder / index).iterdir()):
        return True
    if any(not _has_content(file) for file in (folder / index).iterdir()):
        return True
    for name, size_bytes in _sealed_beneath(index, seals):
        try:
            if (folder / name).stat().st_size != size_bytes:
                return True
        except OSError:
            return True
        if thorough and seals is not None and seals.is_broken(folder, name):
            return True
    return False


def _sealed_beneath(index: str, seals: TableSeals | None) -> Iterator[tuple[str, int]]:
    for name, (size_bytes, _) in (seals.files if seals else {}).items():
        if name.startswith(f"{index}/"):
            yield name, size_bytes


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:
        return False
