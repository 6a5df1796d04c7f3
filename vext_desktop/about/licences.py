"""The licences of the packages that the program is made of.

An installed program carries them in a folder, which its build has filled; elsewhere they are told
by the metadata of what is installed.
"""

import csv
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vext_desktop.errors import VextError
from vext_desktop.packaged import is_packaged

PROGRAM = "vext-desktop"
# What makes the engine `torch`, and brings the default model.
_TAKEN_EXTRA = re.compile(r"""extra\s*==\s*["']torch["']""")
TABLE = "licences.csv"  # packaging/installers/licences.py writes it
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_TEXT_NAMES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")
_CLASSIFIER = "License :: OSI Approved :: "
_LONGEST_WORDS = 120
# numpy's and torch's come to 300 kB with all that they contain.
MAX_TEXT_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class PackageLicence:
    """A package and what it may be used under.

    Attributes:
        name: As its makers write it.
        version: Empty where it is not told.
        licence: A few words, as "MIT"; empty where the package names none.
        files: Its texts, in the order of their names; may be empty.
    """

    name: str
    version: str
    licence: str
    files: tuple[Path, ...]

    def read(self) -> str:
        """All its texts, or a sentence where it has brought none; reads files."""
        texts = list(filter(None, map(_read_text, self.files)))
        if texts:
            return "\n\n".join(texts)
        words = f"It names its licence: {self.licence}." if self.licence else ""
        return f"{self.name} has brought no text of its licence with it. {words}".strip()


def shipped_licences() -> Path | None:
    """The folder beside an installed program that its build has filled; None in a checkout."""
    folder = Path(sys.executable).parent / "licences"
    return folder if is_packaged() and (folder / TABLE).is_file() else None


def read_licences(shipped: Path | None = None) -> tuple[PackageLicence, ...]:
    """The packages and their licences, by name; takes up to seconds, on a busy machine.

    Args:
        shipped: A folder with a table of what is shipped, and a folder of texts for each of it;
            None for what the metadata of installed packages tells.

    Raises:
        VextError: The table of that folder cannot be read.
    """
    found = _from_folder(shipped) if shipped is not None else _from_metadata()
    return tuple(sorted(found, key=lambda each: each.name.lower()))


def _from_folder(folder: Path) -> Iterator[PackageLicence]:
    try:
        with (folder / TABLE).open(newline="", encoding="utf-8") as table:
            rows = list(csv.DictReader(table))
    except (OSError, ValueError, csv.Error) as error:
        raise VextError(
            f"The list of licences cannot be read ({error}).",
            f"The texts themselves lie in {folder}.",
        ) from error
    for row in rows:
        name = row.get("component") or ""
        files = tuple(_files_below(folder / name)) if name else ()
        yield PackageLicence(name, row.get("version") or "", row.get("licence") or "", files)


def _from_metadata() -> Iterator[PackageLicence]:
    """The program and, step by step, what it requires; all that is here if it is not installed."""
    waiting, seen = [PROGRAM], set[str]()
    while waiting:
        name = waiting.pop()
        distribution = _metadata_of(name)
        if distribution is None or _plain(name) in seen:
            continue
        seen.add(_plain(name))
        waiting += _required(distribution)
        files = tuple(_texts_of(distribution))
        words = _licence_words(distribution.metadata)
        yield PackageLicence(distribution.name, distribution.version, words, files)


def _metadata_of(name: str) -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def _required(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    is_program = _plain(distribution.name) == PROGRAM
    for requirement in distribution.requires or ():
        words, _, marker = requirement.partition(";")
        name = _NAME.match(words.strip())
        is_taken = "extra" not in marker or (is_program and _TAKEN_EXTRA.search(marker))
        if name is not None and is_taken:
            yield name.group()


def _texts_of(distribution: importlib.metadata.Distribution) -> Iterator[Path]:
    # Not by `distribution.files`: that reads a list of ten thousand files for torch.
    base = getattr(distribution, "_path", None)
    if not isinstance(base, Path) or not base.is_dir():
        return
    if (base / "licenses").is_dir():
        yield from _files_below(base / "licenses")
    for entry in sorted(base.iterdir()):
        if entry.is_file() and entry.name.upper().startswith(_TEXT_NAMES):
            yield entry


def _files_below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _licence_words(metadata: importlib.metadata.PackageMetadata) -> str:
    """What a package names, from the newest of three ways to do so to the oldest."""
    for field in ("License-Expression", "License"):
        words = (metadata.get_all(field) or [""])[0].strip()
        if words and "\n" not in words and len(words) <= _LONGEST_WORDS:
            return str(words)
    classifiers = metadata.get_all("Classifier") or []
    named = [str(each) for each in classifiers if each.startswith(_CLASSIFIER)]
    return ", ".join(each.removeprefix(_CLASSIFIER) for each in named)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_TEXT_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""
