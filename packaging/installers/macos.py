"""The disk image for macOS; has never been run by those who wrote it (README.md)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from installers.folder import build_folder
from installers.places import BUILD, DIST, PACKAGING, TITLE, Identity, megabytes

# Who signs ("Developer ID Application: ..."), and the profile that notarytool keeps the account in.
SIGNER_VARIABLE = "VEXT_MACOS_SIGNER"
NOTARY_VARIABLE = "VEXT_MACOS_NOTARY_PROFILE"


def build_macos(identity: Identity) -> Path:
    """Make the application, sign it if a signer is named, and wrap it as a .dmg; returns that."""
    if sys.platform != "darwin":
        raise SystemExit("the application for macOS can only be built on macOS")
    build_folder(identity)
    app = BUILD / "folder" / f"{TITLE}.app"
    licences = app / "Contents" / "Resources" / "licences"
    shutil.copytree(BUILD / "folder" / "vext-desktop" / "licences", licences, dirs_exist_ok=True)
    # Where the program looks for them: beside itself.
    (app / "Contents" / "MacOS" / "licences").symlink_to("../Resources/licences")
    signer = os.environ.get(SIGNER_VARIABLE, "")
    _sign(app, signer or "-")  # "-": for this machine alone, without an account
    stage = BUILD / "dmg"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    shutil.move(str(app), stage)
    (stage / "Applications").symlink_to("/Applications")
    DIST.mkdir(exist_ok=True)
    image = DIST / f"{identity.stem}.dmg"
    subprocess.run(
        [
            "hdiutil", "create", "-volname", TITLE, "-srcfolder", str(stage), "-ov",
            "-format", "ULMO", str(image),
        ],
        check=True,
    )  # fmt: skip
    profile = os.environ.get(NOTARY_VARIABLE, "")
    if signer:
        subprocess.run(["codesign", "--sign", signer, "--timestamp", str(image)], check=True)
    if signer and profile:
        _notarise(image, profile)
    print(f"{image}: {megabytes(image.stat().st_size)}")
    return image


def _sign(app: Path, signer: str) -> None:
    """Sign everything in the application, from the inside out."""
    command = ["codesign", "--force", "--options", "runtime", "--sign", signer]
    if signer != "-":
        command.append("--timestamp")
    rights = ["--entitlements", str(PACKAGING / "macos" / "entitlements.plist")]
    libraries = [path for end in ("so", "dylib") for path in app.rglob(f"*.{end}")]
    for library in libraries:
        if not library.is_symlink():
            subprocess.run([*command, str(library)], check=True)
    subprocess.run([*command, *rights, str(app)], check=True)
    subprocess.run(["codesign", "--verify", "--deep", "--strict", str(app)], check=True)


def _notarise(image: Path, profile: str) -> None:
    """Let Apple look at the image, and fasten its word to it: it then opens without a network."""
    subprocess.run(
        ["xcrun", "notarytool", "submit", str(image), "--keychain-profile", profile, "--wait"],
        check=True,
    )
    subprocess.run(["xcrun", "stapler", "staple", str(image)], check=True)
