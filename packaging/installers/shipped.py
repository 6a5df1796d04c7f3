"""Which packages the files of the packed program are from."""

import ast
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installers.places import BUILD

# Runs in the workshop: all that is installed there, with its files and what it says of itself.
_LIST = """
import importlib.metadata, json
found = []
for each in importlib.metadata.distributions():
    told = each.metadata
    found.append({
        "name": told["Name"], "version": each.version,
        "expression": told["License-Expression"] or "", "words": told["License"] or "",
        "classifiers": [c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or ()
                        if c.startswith("License ::")],
        "home": told["Home-page"] or next(
            (u.partition(", ")[2] for u in told.get_all("Project-URL") or ()), ""),
        "files": [str(each.locate_file(f).resolve()) for f in each.files or ()],
    })
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed Python package, as it describes itself."""

    name: str
    version: str
    expression: str
    words: str
    classifiers: list[str]
    home: str
    files: list[str]


@dataclass(frozen=True, slots=True)
class Shipped:
    """Where the files of the packed program are from.

    Attributes:
        distributions: The Python packages.
        system_files: Libraries of the system that was built on.
        unknown: Files of no package that is known.
    """

    distributions: list[Distribution]
    system_files: list[Path]
    unknown: list[Path]


def find_shipped(python: Path) -> Shipped:
    """Look at what PyInstaller has noted of its work, and ask the workshop whose files they are.

    Args:
        python: The Python of the workshop.
    """
    owners = {
        file: distribution for distribution in _installed(python) for file in distribution.files
    }
    base = Path(_ask(python, "import sys; print(sys.base_prefix)")).resolve()
    found: dict[str, Distribution] = {}
    system: set[Path] = set()
    unknown: set[Path] = set()
    for source in _sources():
        owner = owners.get(str(source))
        if owner is not None:
            found[owner.name] = owner
        elif source.is_relative_to(base):
            pass  # Python itself
        elif source.is_relative_to(BUILD):
            pass  # made here
        elif sys.platform == "linux" and source.parts[1] in {"lib", "usr", "lib64"}:
            system.add(source)
        else:
            unknown.add(source)
    return Shipped(
        sorted(found.values(), key=lambda each: each.name.lower()), sorted(system), sorted(unknown)
    )


def _installed(python: Path) -> list[Distribution]:
    listed: list[dict[str, Any]] = json.loads(_ask(python, _LIST))
    return [Distribution(**each) for each in listed]


def _ask(python: Path, code: str) -> str:
    done = subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=True, cwd=BUILD
    )
    return done.stdout.strip()


def _sources() -> set[Path]:
    """All files that went into the program, by the lists that PyInstaller leaves."""
    notes = BUILD / "pyinstaller" / "vext-desktop"
    entries: list[tuple[str, str, str]] = []
    for name in ("PYZ-00.toc", "COLLECT-00.toc"):
        _collect(ast.literal_eval((notes / name).read_text(encoding="utf-8")), entries)
    return {
        Path(source).resolve()
        for _, source, kind in entries
        if kind in {"PYMODULE", "PYSOURCE", "EXTENSION", "BINARY", "DATA", "EXECUTABLE"}
        and Path(source).is_absolute()
    }


def _collect(part: Any, entries: list[tuple[str, str, str]]) -> None:
    """The lists are nested in ways that differ between kinds; an entry is three texts."""
    if not isinstance(part, list | tuple):
        return
    if len(part) == 3 and all(isinstance(each, str) for each in part):
        entries.append((part[0], part[1], part[2]))
        return
    for each in part:
        _collect(each, entries)
