"""Names, versions and folders that all installers share."""

import platform
import re
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from os import environ
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
BUILD = ROOT / "build" / "installers"
DIST = ROOT / "dist"

NAME = "vext-desktop"
TITLE = "Vext Desktop"
SUMMARY = "Search your own documents by meaning"
# Nobody answers mail there: the name ".invalid" is kept for that (RFC 2606).
MAINTAINER = "The Vext Desktop developers <developers@vext-desktop.invalid>"


@dataclass(frozen=True, slots=True)
class Identity:
    """What this build is called.

    Attributes:
        version: Of the program.
        machine: The processor, as the system names it ("x86_64", "arm64").
        homepage: Address of the project's page; "" where none was given.
        time_s: When the sources are from, seconds since 1970: it stands in all archives, so that
            the same sources give the same files.
    """

    version: str
    machine: str
    homepage: str
    time_s: int

    @property
    def date(self) -> datetime:
        """The day of the sources."""
        return datetime.fromtimestamp(self.time_s, UTC)

    @property
    def stem(self) -> str:
        """What the names of all files begin with."""
        system = {"linux": "linux", "win32": "windows", "darwin": "macos"}[sys.platform]
        return f"{NAME}-{self.version}-{system}-{self.machine}"


def read_identity(homepage: str = "") -> Identity:
    """What is built here and now; `SOURCE_DATE_EPOCH` sets the time."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    time_s = int(environ.get("SOURCE_DATE_EPOCH") or time.time())
    return Identity(read_version(), machine, homepage.rstrip("/"), time_s)


def read_version() -> str:
    """The program's version, from the one place that has it; the program is not imported."""
    text = (ROOT / "vext_desktop" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("vext_desktop/__init__.py has no __version__ that can be read")
    return found[1]


def folder_built() -> Path:
    """The one-folder program that PyInstaller makes."""
    return BUILD / "folder" / NAME


def bytes_below(folder: Path) -> int:
    """Size of all files in a folder, links not followed."""
    return sum(
        path.lstat().st_size
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def megabytes(count: int) -> str:
    """Bytes for people, in millions, as downloads are told."""
    return f"{count / 1e6:.1f} MB"
