"""The portable archive: unpack it anywhere, start the program in it, remove the folder."""

import os
import shutil
import subprocess
from pathlib import Path

from installers.folder import ready_folder
from installers.icons import ICONS
from installers.places import BUILD, DIST, NAME, PACKAGING, Identity, megabytes

_READ_ME = """\
Vext Desktop {version}, portable

Start the program "vext-desktop" in this folder: by a double click, or in a terminal. Nothing has to
be installed, and no rights of an administrator are needed.

"./add-to-menu" puts it into the menu of your desktop, for you alone; "./add-to-menu --remove" takes
it out again.

What it indexes lies in ~/.local/share/vext-desktop. To keep that on the same drive as the program,
start it with:  ./vext-desktop --data-dir FOLDER

It needs a Linux of 2022 or newer (glibc {glibc}) with the usual libraries of a desktop. To remove
it, remove this folder, and ~/.local/share/vext-desktop with what was indexed.
"""


def build_portable(identity: Identity, level: int) -> Path:
    """Pack the one-folder program with what puts it into a menu; returns the .tar.zst.

    Args:
        identity: What is built.
        level: How hard zstd works, 1 to 19.
    """
    folder = ready_folder(identity)
    place = BUILD / "portable" / f"{NAME}-{identity.version}"
    shutil.rmtree(place.parent, ignore_errors=True)
    shutil.copytree(folder, place, symlinks=True, copy_function=os.link)  # no second 700 MB
    glibc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    read_me = _READ_ME.format(version=identity.version, glibc=glibc.removeprefix("glibc "))
    (place / "README.txt").write_text(read_me, encoding="utf-8")
    for template in (f"{NAME}.desktop", "add-to-menu"):
        shutil.copy2(PACKAGING / "linux" / template, place)
    (place / "add-to-menu").chmod(0o755)
    shutil.copy2(ICONS / f"{NAME}.svg", place)
    DIST.mkdir(exist_ok=True)
    archive = DIST / f"{identity.stem}.tar.zst"
    command = [
        "tar", "--create", "--sort=name", f"--mtime=@{identity.time_s}", "--owner=0", "--group=0",
        "--numeric-owner", f"--use-compress-program=zstd -q -T0 --long=27 -{level}",
        f"--file={archive}", f"--directory={place.parent}", place.name,
    ]  # fmt: skip
    subprocess.run(command, check=True)
    print(f"{archive}: {megabytes(archive.stat().st_size)}")
    return archive
