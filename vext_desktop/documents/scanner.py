"""The walk through folders: what files there are, and which of them are not to be read."""

import errno
import os
import stat
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.documents.file_systems import MountTable
from vext_desktop.documents.formats import file_too_large, is_supported
from vext_desktop.documents.ignoring import IgnoreLayers
from vext_desktop.outcomes import Outcome

# Entries that are looked at before the caller may do something else.
_ENTRIES_PER_STEP = 256
# What programs leave beside documents while they are open, and what file managers leave.
_DEBRIS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "Icon\r"})
_LOCK_PREFIXES = ("~$", ".~lock.")
# From the Windows SDK (winnt.h): offline, recall on open, recall on data access.
_WINDOWS_ONLINE_ONLY = 0x1000 | 0x40000 | 0x400000
_WINDOWS_HIDDEN = 0x2
# From <sys/stat.h> of macOS: SF_DATALESS and UF_HIDDEN.
_MACOS_ONLINE_ONLY = 0x40000000
_MACOS_HIDDEN = 0x8000

_Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ScanRules:
    """What a scan leaves out.

    Attributes:
        include_hidden: Whether hidden files and folders count.
        skip_folders: Names of folders that are never entered, unless one is a root itself.
        max_file_bytes: Larger files are found, but not to be read.
        patterns: What is left out of every root, in the syntax of gitignore.
        folder_patterns: The same for single roots, by their path.
        one_file_system: Whether other file systems that are mounted within a root are left out.
    """

    include_hidden: bool
    skip_folders: frozenset[str]
    max_file_bytes: int
    patterns: tuple[str, ...] = ()
    folder_patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    one_file_system: bool = False

    def layers_of(self, root: str) -> IgnoreLayers:
        """The patterns that hold for a root as a whole."""
        layers = IgnoreLayers().with_lines(root, self.patterns)
        for folder, lines in self.folder_patterns:
            if folder == root:
                layers = layers.with_lines(root, lines)
        return layers


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file, or a folder that could not be entered.

    Attributes:
        path: Absolute; what is not valid in the file system's encoding keeps its surrogates.
        size_bytes: Its size.
        mtime_ns: When it was last changed, in nanoseconds since 1970.
        outcome: Why it is not to be read; None if it is.
        reason: The same in a sentence.
    """

    path: str
    size_bytes: int
    mtime_ns: int
    outcome: Outcome | None = None
    reason: str = ""


def scan(roots: Sequence[Path], rules: ScanRules) -> Iterator[FoundFile | None]:
    """Find all files under the roots, lazily and in no particular order.

    A link is followed, after everything that is really there, unless that shows a file again.
    A root that does not exist yields nothing. What the kernel makes up (/proc) is never entered.

    Yields:
        A file, or None after a stretch of the walk without any, so that a caller can stay
        responsive.
    """
    yield from Walk(rules).files_under(roots)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder on the way of a walk, and the patterns that hold for what is in it."""

    path: str
    layers: IgnoreLayers


class Walk:
    """One scan: what it has met so far."""

    def __init__(self, rules: ScanRules) -> None:
        self._rules = rules
        self._folders_seen: set[_Identity] = set()
        # Files that could be met twice: roots, and what links lead to.
        self._files_seen: set[_Identity] = set()
        self._links: deque[Place] = deque()
        self._mounts: MountTable | None = None
        self._steps = 0

    @property
    def links(self) -> list[str]:
        """Links that have been met and not been followed yet."""
        return [link.path for link in self._links]

    def files_under(self, roots: Sequence[Path]) -> Iterator[FoundFile | None]:
        """Everything, links at the end."""
        # Files first, as they are then known when their folder is walked.
        for root in sorted(roots, key=lambda root: root.is_dir()):
            path = str(root.absolute())
            yield from self.look_at(Place(path, self._rules.layers_of(path)))
        while self._links:
            yield from self._follow(self._links.popleft())

    def look_at(self, place: Place) -> Iterator[FoundFile | None]:
        """A path that was named, by the user or by a link: hidden or not, it counts."""
        try:
            found = os.stat(place.path)  # noqa: PTH116 - names that are no text stay as they are
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                yield _unreadable(place.path, error)
            return
        if stat.S_ISDIR(found.st_mode):
            yield from self.walk(place)
        elif stat.S_ISREG(found.st_mode) and _identity(found) not in self._files_seen:
            self._files_seen.add(_identity(found))
            yield judge(place.path, found, self._rules)

    def walk(self, top: Place, *, is_deep: bool = True) -> Iterator[FoundFile | None]:
        """A folder, and if `is_deep` all folders beneath it."""
        folders = [top]
        top_device: int | None = None
        while folders:
            folder = folders.pop()
            try:
                looks = os.stat(folder.path)  # noqa: PTH116 - as above
                top_device = looks.st_dev if top_device is None else top_device
                is_elsewhere = looks.st_dev != top_device
                if _identity(looks) in self._folders_seen or (
                    is_elsewhere and self._is_left_out_mount(folder.path)
                ):
                    continue
                self._folders_seen.add(_identity(looks))
                inside = Place(folder.path, folder.layers.entering(folder.path))
                with os.scandir(folder.path) as entries:
                    for entry in entries:
                        self._steps += 1
                        if self._steps % _ENTRIES_PER_STEP == 0:
                            yield None
                        yield from self._enter(entry, inside, folders if is_deep else [])
            except OSError as error:
                yield _unreadable(folder.path, error)

    def _is_left_out_mount(self, path: str) -> bool:
        """Whether a folder on another device than the one it lies in is not to be entered."""
        if self._rules.one_file_system:
            return True
        self._mounts = self._mounts or MountTable()
        return self._mounts.is_made_up(path)

    def _enter(
        self, entry: os.DirEntry[str], inside: Place, folders: list[Place]
    ) -> Iterator[FoundFile]:
        """Look at one entry of a folder: a folder waits, a link waits longer, a file is found."""
        try:
            found = entry.stat(follow_symlinks=False)
            if is_left_out(entry.path, entry.name, found, inside.layers, self._rules):
                return
            if entry.is_symlink() or _is_junction(found):
                self._links.append(Place(entry.path, inside.layers))
            elif stat.S_ISDIR(found.st_mode):
                folders.append(Place(entry.path, inside.layers))
            elif stat.S_ISREG(found.st_mode) and not self._is_known(entry, found):
                yield judge(entry.path, found, self._rules)
            # Anything else is a pipe or a device: reading it would wait for ever.
        except OSError as error:
            if error.errno != errno.ENOENT:  # gone since it was listed
                yield _unreadable(entry.path, error)

    def _is_known(self, entry: os.DirEntry[str], found: os.stat_result) -> bool:
        """Whether a file was met before, under another name or as a root."""
        if not self._files_seen:
            return False
        if sys.platform == "win32":  # there, a folder's listing does not tell
            found = os.stat(entry.path)  # noqa: PTH116 - names that are no text stay as they are
        return _identity(found) in self._files_seen

    def _follow(self, link: Place) -> Iterator[FoundFile | None]:
        """Look where a link leads, unless that place has been or will be seen without it."""
        try:
            found = os.stat(link.path)  # noqa: PTH116 - as above
            target = os.path.realpath(link.path)
            if stat.S_ISDIR(found.st_mode):
                is_known = _identity(found) in self._folders_seen or _holds(target, link.path)
                if not is_known:
                    yield from self.walk(link)
                return
            folder = os.stat(os.path.dirname(target))  # noqa: PTH116, PTH120 - as above
        except OSError as error:
            yield _unreadable(link.path, error)
            return
        if _identity(folder) not in self._folders_seen:
            yield from self.look_at(link)


def is_left_out(
    path: str, name: str, found: os.stat_result, layers: IgnoreLayers, rules: ScanRules
) -> bool:
    """Whether an entry of a folder is passed over without a word."""
    if name in _DEBRIS or name.startswith(_LOCK_PREFIXES):
        return True
    is_folder = not stat.S_ISREG(found.st_mode)
    if name in rules.skip_folders and is_folder:
        return True
    if not rules.include_hidden and _is_hidden(name, found):
        return True
    return layers.leave_out(path, is_folder=is_folder)


def has_left_out_name(name: str, rules: ScanRules) -> bool:
    """Whether a file or folder is passed over for its name, whichever of both it is."""
    if name in _DEBRIS or name.startswith(_LOCK_PREFIXES):
        return True
    return name in rules.skip_folders or (not rules.include_hidden and name.startswith("."))


def judge(path: str, found: os.stat_result, rules: ScanRules) -> FoundFile:
    """A file, with the reason why it is not to be read, if there is one."""
    outcome: Outcome | None = None
    reason = ""
    if not is_supported(path):
        outcome = Outcome.UNSUPPORTED
    elif _is_online_only(found):
        outcome = Outcome.ONLINE_ONLY
    elif found.st_size == 0:
        outcome, reason = Outcome.EMPTY, "It is an empty file."
    elif found.st_size > rules.max_file_bytes:
        failure = file_too_large(found.st_size, rules.max_file_bytes)
        outcome, reason = failure.outcome, failure.reason
    if outcome is not None:
        reason = reason or outcome.sentence
    return FoundFile(path, found.st_size, found.st_mtime_ns, outcome, reason)


def _unreadable(path: str, error: OSError) -> FoundFile:
    if error.errno == errno.ELOOP:
        reason = "It is a link that leads back to itself."
    elif error.errno == errno.ENOENT:
        reason = "It is a link to something that is not there."
    elif isinstance(error, PermissionError):
        reason = Outcome.UNREADABLE.sentence
    else:
        reason = f"The system could not read it ({error.strerror})."
    return FoundFile(path, 0, 0, Outcome.UNREADABLE, reason)


def _identity(found: os.stat_result) -> _Identity:
    return found.st_dev, found.st_ino


def _holds(folder: str, link: str) -> bool:
    """Whether a link lies inside the very folder that it leads to."""
    place = os.path.realpath(os.path.dirname(link))  # noqa: PTH120 - names stay as they are
    return os.path.commonpath([place, folder]) == folder if _share_a_root(place, folder) else False


def _share_a_root(one: str, other: str) -> bool:
    return os.path.splitdrive(one)[0] == os.path.splitdrive(other)[0]


def _is_junction(found: os.stat_result) -> bool:
    """Whether a folder of Windows is a link to another (`DirEntry.is_junction` is new in 3.12)."""
    if sys.platform != "win32":
        return False
    return found.st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT


def _is_hidden(name: str, found: os.stat_result) -> bool:
    if name.startswith("."):
        return True
    windows = getattr(found, "st_file_attributes", 0) & _WINDOWS_HIDDEN
    return bool(windows or getattr(found, "st_flags", 0) & _MACOS_HIDDEN)


def _is_online_only(found: os.stat_result) -> bool:
    """Whether opening the file would download it from a cloud drive."""
    windows = getattr(found, "st_file_attributes", 0) & _WINDOWS_ONLINE_ONLY
    return bool(windows or getattr(found, "st_flags", 0) & _MACOS_ONLINE_ONLY)
