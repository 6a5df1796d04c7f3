"""Builds the installers: `python packaging/build.py TARGET` (see README.md beside this file).

Each target makes the one-folder program first if it is not there; `folder` always makes it anew.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from installers.places import Identity, read_identity

# Of zstd, with a window of 128 MB. Measured on the whole package, with level 12: 254 MB. On 30 MB
# of its largest library: level 12 takes 7.1 MB and 5 s, level 10 without it 8.4 MB and 3.
LEVEL = 16
QUICK_LEVEL = 3


def main() -> int:
    """Build what the arguments name."""
    parser = argparse.ArgumentParser(description="Build installers of Vext Desktop.")
    targets = ("folder", "portable", "deb", "windows", "macos", "smoke")
    parser.add_argument("target", choices=targets)
    parser.add_argument("--homepage", default="", help="address of the project's page, if any")
    parser.add_argument(
        "--quick", action="store_true", help="squeeze less: larger files in a third of the time"
    )
    parser.add_argument(
        "--placeholder",
        action="store_true",
        help="windows: compile the set-up program with a stand-in for the program, to check it",
    )
    arguments = parser.parse_args()
    identity = read_identity(arguments.homepage)
    level = QUICK_LEVEL if arguments.quick else LEVEL
    build(arguments.target, identity, level, placeholder=arguments.placeholder)
    return 0


def build(target: str, identity: Identity, level: int, *, placeholder: bool) -> None:
    """Build one target; what the others need is not imported."""
    if target == "folder":
        from installers.folder import build_folder  # noqa: PLC0415

        build_folder(identity)
    elif target == "portable":
        from installers.portable import build_portable  # noqa: PLC0415

        build_portable(identity, level)
    elif target == "deb":
        from installers.debian import build_deb  # noqa: PLC0415

        build_deb(identity, level)
    elif target == "windows":
        from installers.windows import build_windows  # noqa: PLC0415

        build_windows(identity, placeholder=placeholder)
    elif target == "macos":
        from installers.macos import build_macos  # noqa: PLC0415

        build_macos(identity)
    else:
        from smoke.run import run_smoke  # noqa: PLC0415

        run_smoke(identity)


if __name__ == "__main__":
    sys.exit(main())
