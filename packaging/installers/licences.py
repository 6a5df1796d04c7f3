"""The licences of everything that is shipped, in one folder; a build without them fails."""

import csv
import re
import shutil
import subprocess
from pathlib import Path

from installers.licence_words import SYSTEM_PERMITTED, is_permitted, normal_expression
from installers.places import NAME, PACKAGING
from installers.shipped import Distribution, find_shipped

FOLDER = "licences"
_TEXTS = PACKAGING / "licences"
_LICENCE_FILE = re.compile(
    r"(^|[/\\])(LICEN[CS]E|COPYING|NOTICE|AUTHORS|ThirdPartyNotices)[^/\\]*$|[/\\]licenses[/\\]",
    re.IGNORECASE,
)
# Packages that carry no text of their licence: the one that they name.
_TEXT_OF = {
    "Apache-2.0": ("Apache-2.0.txt",),
    "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only": ("QT.txt", "LGPL-3.0.txt", "GPL-3.0.txt"),
}


def collect_licences(python: Path, folder: Path) -> None:
    """Gather the texts below `folder/licences`, with a table of what is whose.

    Args:
        python: The Python of the workshop.
        folder: The one-folder program.

    Raises:
        SystemExit: Something is shipped whose licence is unknown or not permitted.
    """
    shipped = find_shipped(python)
    problems = [f"of no package that is known: {path}" for path in shipped.unknown]
    place = folder / FOLDER
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    rows = [("component", "version", "licence", "home")]
    for each in shipped.distributions:
        if each.name == NAME:
            continue
        expression = normal_expression(each.expression, each.classifiers, each.words)
        if not is_permitted(expression):
            problems.append(f"{each.name} {each.version} has the licence {expression!r}")
        if not _copy_texts(each, expression, place / each.name):
            problems.append(f"{each.name} {each.version} has no text of its licence")
        rows.append((each.name, each.version, expression, each.home))
    rows += _python_itself(python, place)
    rows += _system_packages(shipped.system_files, place, problems)
    for text in _TEXTS.glob("*.txt"):
        shutil.copy2(text, place)
    with (place / "licences.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    if problems:
        raise SystemExit("Licences:\n  " + "\n  ".join(problems))
    print(f"licences of {len(rows) - 1} components")


def _copy_texts(distribution: Distribution, expression: str, place: Path) -> bool:
    texts = [
        Path(file)
        for file in distribution.files
        if _LICENCE_FILE.search(file) and not file.endswith((".py", ".pyc")) and Path(file).exists()
    ]
    place.mkdir()
    for text in texts:
        shutil.copy2(text, place / _flat_name(text))
    if not texts:
        for name in _TEXT_OF.get(expression, ()):
            shutil.copy2(_TEXTS / name, place)
    return any(place.iterdir())


def _flat_name(text: Path) -> str:
    """The file's name, with the folders below the one of licences before it."""
    parts = text.parts
    start = next(
        (n + 1 for n, part in enumerate(parts) if part.lower() == "licenses"), len(parts) - 1
    )
    return "-".join(parts[start:])


def _python_itself(python: Path, place: Path) -> list[tuple[str, str, str, str]]:
    code = (
        "import sys, sysconfig, pathlib, platform\n"
        "places = [sysconfig.get_path('stdlib'), sys.base_prefix]\n"
        "names = ['LICENSE.txt', 'LICENSE']\n"
        "found = [p for f in places for n in names if (p := pathlib.Path(f) / n).is_file()]\n"
        "print(platform.python_version()); print(found[0] if found else '')"
    )
    told = subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    (place / "Python").mkdir()
    if len(told) < 2 or not told[1]:
        raise SystemExit("Python's own licence is not where it is usually installed")
    shutil.copy2(told[1], place / "Python" / "LICENSE.txt")
    return [("Python", told[0], "PSF-2.0", "https://www.python.org")]


def _system_packages(
    files: list[Path], place: Path, problems: list[str]
) -> list[tuple[str, str, str, str]]:
    """Libraries of the Debian system that was built on, with the copyright that it has of them."""
    rows = []
    for package, version in sorted({_package_of(file, problems) for file in files}):
        if not package:
            continue
        licence = SYSTEM_PERMITTED.get(re.sub(r"(t64)?$", "", package), "")
        if not licence:
            problems.append(f"the system's package {package}, whose licence nobody has looked at")
        text = Path("/usr/share/doc") / package / "copyright"
        if not text.is_file():
            problems.append(f"the system's package {package} has no copyright file")
            continue
        (place / package).mkdir(exist_ok=True)
        shutil.copy2(text, place / package / "copyright")
        rows.append((package, version, licence, "https://www.debian.org"))
    return rows


def _package_of(file: Path, problems: list[str]) -> tuple[str, str]:
    names = [str(file), str(file).removeprefix("/usr")]  # the same place, by either name
    for name in names:
        done = subprocess.run(
            ["dpkg-query", "--search", name], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            package = done.stdout.partition(":")[0]
            version = subprocess.run(
                ["dpkg-query", "--show", "--showformat=${Version}\n", package],
                capture_output=True, text=True, check=True,
            ).stdout.split("\n")[0]  # fmt: skip
            return package, version
    problems.append(f"of no package of the system: {file}")
    return "", ""
