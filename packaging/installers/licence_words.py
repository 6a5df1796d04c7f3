"""From what a package says of its licence to a yes or a no."""

import re

# May be shipped with a program under the MIT licence. Of the weak copyleft ones, these are met:
# MPL-2.0 unmodified, LGPL as libraries in files of their own (licences/QT.txt).
PERMITTED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "GPL-2.0-or-later WITH Bootloader-exception",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "Python-2.0",
        "Zlib",
    }
)

# Packages of Debian and Ubuntu whose libraries may be shipped, with what their copyright files say.
SYSTEM_PERMITTED = {
    "libbz2-1.0": "bzip2-1.0.6",
    "libffi7": "MIT",
    "libffi8": "MIT",
    "liblzma5": "public domain",
    "libsqlite3-0": "public domain",
    "libssl3": "Apache-2.0",
    "libuuid1": "BSD-3-Clause",
    "libxcb-cursor0": "MIT",
    "libxcb-icccm4": "MIT",
    "libxcb-image0": "MIT",
    "libxcb-keysyms1": "MIT",
    "libxcb-randr0": "MIT",
    "libxcb-render-util0": "MIT",
    "libxcb-shape0": "MIT",
    "libxcb-sync1": "MIT",
    "libxcb-util1": "MIT",
    "libxcb-xfixes0": "MIT",
    "libxcb-xkb1": "MIT",
    "libxkbcommon0": "MIT",
    "libxkbcommon-x11-0": "MIT",
    "libzstd1": "BSD-3-Clause",
    "zlib1g": "Zlib",
}

# How packages spell licences that have a shorter name.
_SPELLINGS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GPLv2-or-later with a special exception which allows to use PyInstaller to build and "
    "distribute non-free programs (including commercial ones)": (
        "GPL-2.0-or-later WITH Bootloader-exception"
    ),
    # pypdfium2 names those of PDFium's own parts by a word; its files were read, and all are
    # permissive (the exception, GCC's runtime, is in the builds for another C library).
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
}


def normal_expression(expression: str, classifiers: list[str], words: str) -> str:
    """One expression in the names of SPDX, from the three places where a package can say it.

    Args:
        expression: Its `License-Expression`, which is in these names already.
        classifiers: The last parts of its classifiers "License :: ...".
        words: Its field `License`, which may hold anything.
    """
    if expression:
        return expression
    named = [_SPELLINGS.get(each, each) for each in classifiers if each != "OSI Approved"]
    first_line = words.strip().partition("\n")[0].strip()
    return _SPELLINGS.get(first_line, first_line) or " AND ".join(named)


def is_permitted(expression: str) -> bool:
    """Whether what an expression allows is enough: all joined by AND, or one of those by OR."""
    plain = expression.replace("(", " ").replace(")", " ")
    ways = re.split(r"\s+OR\s+", plain)
    if len(ways) > 1 and " AND " in plain:
        return all(part.strip() in PERMITTED for part in re.split(r"\s+(?:OR|AND)\s+", plain))
    return any(
        all(part.strip() in PERMITTED for part in re.split(r"\s+AND\s+", way)) for way in ways
    )
