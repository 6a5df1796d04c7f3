"""What a backup says of itself: its manifest, and which names may stand in one."""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from vext_desktop.errors import StoreError

FORMAT = "vext-desktop-backup"
VERSION = 1
MANIFEST = "manifest.json"
MOST_MEMBERS = 1_000_000
MOST_MANIFEST_BYTES = 256 << 20
# No other file is ever written from a backup, whatever it claims.
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.\-]*"
_ALLOWED = re.compile(
    r"ledger\.sqlite|settings\.json|service_models\.json"
    rf"|runs/{_PART}\.vextrun\.gz"
    rf"|store/chunks-[0-9a-f]+(-[0-9]+)?\.lance(/{_PART}){{1,7}}"
)
UNCHANGED = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a backup.

    Attributes:
        size: In bytes.
        sha256: Of its content, in hexadecimal digits.
    """

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BackupContents:
    """What is in a backup.

    Attributes:
        program: Version of the program that wrote it.
        ledger_version: Of the ledger's schema.
        created_at: In s since 1970.
        separator: What parts the folders in its paths: "/" or, from Windows, a backslash.
        model: Name of the model that its vectors are from; "" if nothing is indexed.
        roots: The folders and files that were added.
        files: How many files are indexed.
        passages: How many passages that are.
        members: Its files by name.
    """

    program: str
    ledger_version: int
    created_at: float
    separator: str
    model: str
    roots: tuple[str, ...]
    files: int
    passages: int
    members: dict[str, Member] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """What all of it takes on disk."""
        return sum(member.size for member in self.members.values())

    def to_json(self) -> bytes:
        """As it stands in the backup; ASCII, so that any file name comes back as it was."""
        return json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}).encode("ascii")


def parse_contents(data: bytes) -> BackupContents:
    """The contents that a backup names.

    Raises:
        StoreError: They are not those of a backup that this program understands.
    """
    try:
        found: Any = json.loads(data)
        if found["format"] != FORMAT:
            raise no_backup("it says that it is something else")
        if int(found["version"]) > VERSION:
            raise StoreError(
                f"This backup was written by a newer Vext Desktop ({found.get('program')}). "
                f"{UNCHANGED}",
                "Update Vext Desktop, then restore it.",
            )
        members = {
            str(name): Member(int(one["size"]), str(one["sha256"]))
            for name, one in found["members"].items()
        }
        contents = BackupContents(
            str(found["program"]),
            int(found["ledger_version"]),
            float(found["created_at"]),
            str(found["separator"]),
            str(found["model"]),
            tuple(map(str, found["roots"])),
            int(found["files"]),
            int(found["passages"]),
            members,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise no_backup("its list of contents is damaged") from error
    if contents.separator not in {"/", "\\"} or "ledger.sqlite" not in members:
        raise no_backup("its list of contents is damaged")
    if any(member.size < 0 for member in members.values()):
        raise no_backup("its list of contents is damaged")
    return contents


def is_allowed(name: str) -> bool:
    """Whether a file of this name may be in a backup: none that leads out of the data folder."""
    return _ALLOWED.fullmatch(name) is not None and ".." not in name.split("/")


def no_backup(why: str) -> StoreError:
    """What to say of a file that cannot be used."""
    return StoreError(
        f"This file cannot be restored: {why}. {UNCHANGED}",
        "Choose another backup, or copy this one again from where it came.",
    )
