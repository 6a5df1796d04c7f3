"""The Debian package."""

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from installers.deb_archive import squeeze_deb
from installers.folder import ready_folder
from installers.icons import ICONS, SIZES
from installers.places import (
    BUILD,
    DIST,
    MAINTAINER,
    NAME,
    PACKAGING,
    SUMMARY,
    Identity,
    bytes_below,
    megabytes,
)

_TEMPLATES = PACKAGING / "debian"
_FREEDESKTOP = PACKAGING / "linux"
_METAINFO = "desktop.vext.VextDesktop.metainfo.xml"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# What is not linked but asked for at run time: the trusted certificates (for services that a person
# may choose), the program that opens documents, the graphics, and reading of scanned pages.
_RECOMMENDS = "ca-certificates, libegl1, libgl1, xdg-utils"
_SUGGESTS = "tesseract-ocr"
_DESCRIPTION = """\
 Drop a folder on the window, and find what is written in its documents by
 what it means, not only by its words. PDF, Word, Excel, PowerPoint,
 OpenDocument, mail, web pages, notes and many more kinds are read.
 .
 Everything happens on this computer: the model is part of the package, and
 nothing is downloaded or sent. The window shows where the memory goes."""


def build_deb(identity: Identity, level: int) -> Path:
    """Wrap the one-folder program as a Debian package; returns the file.

    Args:
        identity: What is built.
        level: How hard zstd works, 1 to 19.
    """
    folder = ready_folder(identity)
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    _lay_out(tree, folder, identity)
    depends = _linked_packages(tree)
    _write_control(tree, identity, depends)
    _set_modes(tree)
    DIST.mkdir(exist_ok=True)
    package = deb_of(identity)
    plain = BUILD / "plain.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(plain)],
        check=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(identity.time_s)},
    )
    squeeze_deb(plain, package, level)
    plain.unlink()
    size = package.stat().st_size
    print(f"{package}: {megabytes(size)}, installed {megabytes(bytes_below(tree))}")
    return package


def deb_of(identity: Identity) -> Path:
    """Where the package of this version is built."""
    return DIST / f"{NAME}_{identity.version}_{_architecture()}.deb"


def _lay_out(tree: Path, folder: Path, identity: Identity) -> None:
    share = tree / "usr" / "share"
    shutil.copytree(folder, tree / "usr" / "lib" / NAME, symlinks=True)
    (tree / "usr" / "bin").mkdir()
    (tree / "usr" / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    _fill(_FREEDESKTOP / f"{NAME}.desktop", share / "applications" / f"{NAME}.desktop", identity)
    metainfo = share / "metainfo" / _METAINFO
    _fill(_FREEDESKTOP / "metainfo.xml", metainfo, identity)
    if identity.homepage:
        _add_addresses(metainfo, identity.homepage)
    for size in SIZES:
        place = share / "icons" / "hicolor" / f"{size}x{size}" / "apps"
        place.mkdir(parents=True)
        shutil.copy2(ICONS / f"{size}.png", place / f"{NAME}.png")
    scalable = share / "icons" / "hicolor" / "scalable" / "apps"
    scalable.mkdir(parents=True)
    shutil.copy2(ICONS / f"{NAME}.svg", scalable)
    manual = share / "man" / "man1" / f"{NAME}.1"
    _fill(_FREEDESKTOP / f"{NAME}.1", manual, identity)
    _squeeze(manual)
    papers = share / "doc" / NAME
    _fill(_TEMPLATES / "copyright", papers / "copyright", identity)
    (papers / "licences").symlink_to(f"../../../lib/{NAME}/licences")
    (papers / "changelog").write_text(_changelog(identity), encoding="utf-8")
    _squeeze(papers / "changelog")
    _fill(_TEMPLATES / "overrides", share / "lintian" / "overrides" / NAME, identity)


def _fill(template: Path, place: Path, identity: Identity) -> None:
    """Copy a text with the version and the day put in."""
    text = template.read_text(encoding="utf-8")
    text = text.replace("@VERSION@", identity.version).replace(
        "@DATE@", f"{identity.date:%Y-%m-%d}"
    )
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def _add_addresses(metainfo: Path, homepage: str) -> None:
    """The metainfo's addresses, which only a published project has."""
    text = metainfo.read_text(encoding="utf-8")
    addresses = (
        f'  <url type="homepage">{homepage}</url>\n'
        "  <screenshots>\n"
        '    <screenshot type="default">\n'
        "      <caption>Passages that answer a question, and the one that was chosen</caption>\n"
        f"      <image>{homepage}/raw/HEAD/resources/screenshot.png</image>\n"
        "    </screenshot>\n"
        "  </screenshots>\n"
    )
    metainfo.write_text(text.replace("  <launchable", addresses + "  <launchable", 1), "utf-8")


def _squeeze(file: Path) -> None:
    """Replace a text by its .gz, without a name or a time inside."""
    squeezed = gzip.compress(file.read_bytes(), 9, mtime=0)
    file.with_name(file.name + ".gz").write_bytes(squeezed)
    file.unlink()


def _changelog(identity: Identity) -> str:
    day = f"{identity.date:%a, %d %b %Y %H:%M:%S} +0000"
    return (
        f"{NAME} ({identity.version}) unstable; urgency=medium\n\n"
        f"  * Version {identity.version}; CHANGELOG.md in the sources tells what is new.\n\n"
        f" -- {MAINTAINER}  {day}\n"
    )


def _linked_packages(tree: Path) -> str:
    """The Debian packages whose libraries ours are linked with, by dpkg-shlibdeps."""
    program = tree / "usr" / "lib" / NAME
    binaries = [path for path in program.rglob("*") if path.is_file() and _is_elf(path)]
    own = sorted({str(path.parent) for path in binaries})
    place = BUILD / "shlibdeps"
    (place / "debian").mkdir(parents=True, exist_ok=True)
    stanzas = f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n"
    (place / "debian" / "control").write_text(stanzas, encoding="utf-8")
    done = subprocess.run(
        [
            "dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0",
            *(f"-l{folder}" for folder in own), *(f"-e{path}" for path in binaries),
        ],
        capture_output=True, text=True, check=False, cwd=place,
    )  # fmt: skip
    found = re.search(r"^shlibs:Depends=(.+)$", done.stdout, re.MULTILINE)
    if done.returncode or found is None:
        raise SystemExit(f"dpkg-shlibdeps failed:\n{done.stderr}")
    return found[1]


def _is_elf(path: Path) -> bool:
    if path.is_symlink():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def _write_control(tree: Path, identity: Identity, depends: str) -> None:
    place = tree / "DEBIAN"
    place.mkdir()
    fields = {
        "Package": NAME,
        "Version": identity.version,
        "Architecture": _architecture(),
        "Maintainer": MAINTAINER,
        "Installed-Size": str(-(-bytes_below(tree) // 1024)),
        "Depends": depends,
        "Recommends": _RECOMMENDS,
        "Suggests": _SUGGESTS,
        "Section": "text",
        "Priority": "optional",
        **({"Homepage": identity.homepage} if identity.homepage else {}),
        "Description": f"{SUMMARY[0].lower()}{SUMMARY[1:]}\n{_DESCRIPTION}",
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    (place / "control").write_text(text, encoding="utf-8")
    shutil.copy2(_TEMPLATES / "postrm", place / "postrm")
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}"
        f"  {path.relative_to(tree)}\n"
        for path in sorted((tree / "usr").rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]
    (place / "md5sums").write_text("".join(sums), encoding="utf-8")


def _architecture() -> str:
    return _ARCHITECTURES[platform.machine()]


def _set_modes(tree: Path) -> None:
    """What everybody may read and nobody but root may write; only programs can be run."""
    programs = {tree / "usr" / "lib" / NAME / NAME, tree / "DEBIAN" / "postrm"}
    for path in tree.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path in programs else 0o644)
    tree.chmod(0o755)
