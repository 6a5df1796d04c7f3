"""A package that pretends to be an older version, so that an upgrade can be tried."""

import shutil
import subprocess
from pathlib import Path

from installers.places import BUILD, MAINTAINER, NAME

OLD_VERSION = "0.0.1"
# A file that the new version no longer has.
OBSOLETE = f"/usr/lib/{NAME}/_internal/obsolete.txt"


def build_old_package() -> Path:
    """Make it: a program that only says its version, and a file that is gone later."""
    tree = BUILD / "old-package"
    shutil.rmtree(tree, ignore_errors=True)
    obsolete = tree / OBSOLETE.lstrip("/")
    obsolete.parent.mkdir(parents=True)
    obsolete.write_text("of the old version\n", encoding="utf-8")
    program = tree / "usr" / "lib" / NAME / NAME
    program.write_text(f"#!/bin/sh\necho Vext Desktop {OLD_VERSION}\n", encoding="utf-8")
    program.chmod(0o755)
    (tree / "usr" / "bin").mkdir()
    (tree / "usr" / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {NAME}\nVersion: {OLD_VERSION}\nArchitecture: all\n"
        f"Maintainer: {MAINTAINER}\nDescription: a stand-in for an older version\n",
        encoding="utf-8",
    )
    package = BUILD / f"{NAME}_{OLD_VERSION}_all.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(package)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return package
