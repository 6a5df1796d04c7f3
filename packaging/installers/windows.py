"""The set-up program for Windows; compiled by NSIS, which runs on any system."""

import shutil
import subprocess
import sys
from pathlib import Path

from installers.folder import ready_folder
from installers.icons import ICONS, draw_icons
from installers.places import BUILD, DIST, NAME, PACKAGING, ROOT, Identity, megabytes
from installers.workshop import prepare_workshop

_PLACEHOLDER = "This stands in for the program, to check that the set-up program compiles.\n"


def build_windows(identity: Identity, *, placeholder: bool) -> Path:
    """Compile the set-up program; returns it.

    Args:
        identity: What is built.
        placeholder: Put stand-ins in the place of the program, which only Windows can make: what
            comes out checks the script, and is nothing to give to anybody.
    """
    makensis = shutil.which("makensis")
    if makensis is None:
        raise SystemExit("makensis is needed (NSIS; on Debian: apt-get install nsis)")
    if placeholder:
        source = _stand_in()
        output = BUILD / f"{NAME}-{identity.version}-setup-placeholder.exe"
    elif sys.platform == "win32":
        source = ready_folder(identity)
        output = DIST / f"{identity.stem}-setup.exe"
    else:
        raise SystemExit(
            "PyInstaller makes programs for the system that it runs on: build this on Windows, or "
            "check the script here with --placeholder"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    defines = {
        "VERSION": identity.version,
        "SOURCE": source,
        "OUTPUT": output,
        "ICON": ICONS / f"{NAME}.ico",
        "LICENCE": ROOT / "LICENSE",
    }
    subprocess.run(
        [
            makensis, "-WX", "-V2", *(f"-D{name}={value}" for name, value in defines.items()),
            str(PACKAGING / "windows" / "installer.nsi"),
        ],
        check=True,
    )  # fmt: skip
    print(f"{output}: {megabytes(output.stat().st_size)}")
    return output


def _stand_in() -> Path:
    """A folder with the names of the real one."""
    if not (ICONS / f"{NAME}.ico").is_file():
        draw_icons(prepare_workshop())
    place = BUILD / "placeholder"
    shutil.rmtree(place, ignore_errors=True)
    for name in ("Vext Desktop.exe", f"{NAME}.exe", "LICENSE", "_internal/a", "licences/b"):
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_PLACEHOLDER, encoding="utf-8")
    return place
