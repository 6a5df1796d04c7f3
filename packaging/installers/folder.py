"""The program as one folder, which every installer wraps: made by PyInstaller, then tried."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from installers.icons import draw_icons
from installers.licences import collect_licences
from installers.places import (
    BUILD,
    NAME,
    PACKAGING,
    ROOT,
    Identity,
    bytes_below,
    folder_built,
    megabytes,
)
from installers.workshop import prepare_workshop

_START_LIMIT_S = 120.0
_FOR_PYINSTALLER = {
    "PYTHONHASHSEED": "0",  # the same sources give the same files
    # What is squeezed module by module cannot be squeezed again as a whole: without it the download
    # is 7 MB smaller.
    "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": "0",
}


def build_folder(identity: Identity) -> Path:
    """Make the one-folder program, with the licences of all that is in it; returns the folder."""
    BUILD.mkdir(parents=True, exist_ok=True)
    python = prepare_workshop()
    draw_icons(python)
    place = BUILD / "folder"
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run(
        [
            str(python), "-m", "PyInstaller", str(PACKAGING / "vext-desktop.spec"),
            "--noconfirm", "--log-level", "WARN",
            "--distpath", str(place), "--workpath", str(BUILD / "pyinstaller"),
        ],
        check=True,
        cwd=BUILD,  # not the checkout, whose packages would be found instead of the installed ones
        env={**os.environ, **_FOR_PYINSTALLER, "SOURCE_DATE_EPOCH": str(identity.time_s)},
    )  # fmt: skip
    folder = folder_built()
    _strip_python(folder)
    collect_licences(python, folder)
    shutil.copy2(ROOT / "LICENSE", folder / "LICENSE")
    _try_out(folder, identity)
    print(f"{folder}: {megabytes(bytes_below(folder))}")
    return folder


def _strip_python(folder: Path) -> None:
    """Take the 15 MB for debuggers out of Python's own library, and out of no other.

    numpy's cannot be loaded after that, and the other large ones have none.
    """
    strip = shutil.which("strip")
    if sys.platform != "linux" or strip is None:
        return
    for library in (folder / "_internal").glob("libpython*.so*"):
        subprocess.run([strip, "--strip-unneeded", str(library)], check=True)


def ready_folder(identity: Identity) -> Path:
    """The one-folder program of this version, built now if it is not there."""
    folder = folder_built()
    return folder if folder.is_dir() else build_folder(identity)


def _try_out(folder: Path, identity: Identity) -> None:
    """Let the packed program say its version and examine itself; a failure ends the build."""
    program = folder / (f"{NAME}.exe" if sys.platform == "win32" else NAME)
    told = _run([str(program), "--version"])
    if identity.version not in told:
        raise SystemExit(f"the packed program calls itself {told!r}, not {identity.version}")
    with tempfile.TemporaryDirectory(prefix="vext-build-") as data:
        report = json.loads(_run([str(program), "doctor", "--json", "--data-dir", data]))
        if not report["ok"]:
            raise SystemExit(f"the packed program misses something: {report['missing']}")


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_START_LIMIT_S, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
