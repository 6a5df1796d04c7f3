"""What is installed: engines, the model's weights, and what a window needs."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from vext_desktop.about.versions import version_of as _version
from vext_desktop.cli.window import has_display
from vext_desktop.embedding.default_model import DEFAULT_WEIGHTS_SHA256, REINSTALL, find_model
from vext_desktop.embedding.onnx_kind import ONNX_KINDS, OnnxKind
from vext_desktop.embedding.onnx_prepared import prepared_folder, read_manifest
from vext_desktop.embedding.torch_device import ask_device
from vext_desktop.errors import VextError
from vext_desktop.packaged import how_to_get_torch, how_to_install, is_packaged

# What each engine stands on; the first one is named with its version.
ENGINE_LIBRARIES = {
    "onnx-int8": ("onnxruntime", "onnx", "tokenizers"),
    "onnx": ("onnxruntime", "onnx", "tokenizers"),
    "torch": ("torch", "sentence-transformers"),
}
QT_LOAD_LIMIT_S = 60.0


def engines(
    chosen: str, choice: str, prepared_models: Path, device: str = "auto"
) -> list[dict[str, Any]]:
    """Each engine, and whether what it needs is installed; one that is not chosen may lack it.

    Args:
        chosen: The setting `engine`.
        choice: The setting `model`.
        prepared_models: Where the onnx engines keep what they prepared.
        device: The setting `device`; asking torch takes seconds, so that it is only asked where
            it is the chosen engine.
    """
    found = []
    for name, libraries in ENGINE_LIBRARIES.items():
        lacking = [library for library in libraries if _version(library) is None]
        engine: dict[str, Any] = {"name": name, "ok": True, "message": "", "hint": ""}
        if lacking:
            engine["ok"] = name != chosen
            engine["message"] = f"The {name} engine lacks {' and '.join(lacking)}."
            command = f"pip install {' '.join(lacking)}"
            engine["hint"] = how_to_get_torch() if name == "torch" else how_to_install(command)
        else:
            engine["message"] = f"ready, {libraries[0]} {_version(libraries[0])}"
            if name == chosen == "torch":
                engine["message"] += f", {ask_device(device)}"
            if kind := ONNX_KINDS.get(name):
                engine["message"] += f", {_agreement(choice, prepared_models, kind)}"
        found.append(engine)
    return found


def _agreement(choice: str, prepared_models: Path, kind: OnnxKind) -> str:
    """What the comparison with torch showed when this model was prepared."""
    try:
        folder = find_model(choice).folder
        manifest = read_manifest(prepared_folder(prepared_models, folder, kind))
    except (OSError, VextError):
        manifest = None  # the model's own line tells what is wrong with it
    if manifest and manifest.agreement:
        return manifest.agreement.sentence
    return "prepares the model when it first starts"


def check_model(choice: str) -> dict[str, Any]:
    """Find the model, and compare the SHA-256 of the shipped one; that reads 90 MB.

    Args:
        choice: The setting `model`: "" for the shipped one.
    """
    hint = how_to_install(REINSTALL)
    try:
        files = find_model(choice)
        sha256 = "" if choice else _sha256(files.folder / "model.safetensors")
    except VextError as error:
        return {"ok": False, "message": error.message, "hint": error.hint}
    except OSError as error:
        return {"ok": False, "message": f"The model cannot be read: {error}.", "hint": hint}
    check = {"name": files.name, "folder": str(files.folder), "sha256": sha256, "hint": ""}
    if choice:
        return {**check, "ok": True, "message": f"{files.name}, your own"}
    if sha256 == DEFAULT_WEIGHTS_SHA256:
        return {**check, "ok": True, "message": f"{files.name}, as published"}
    message = "The shipped model is not the one we know: its SHA-256 differs."
    return {**check, "ok": False, "message": message, "hint": hint}


def check_display() -> dict[str, Any]:
    """Whether Qt loads here; that there is no display is told, but nothing is missing then."""
    failure = _qt_failure()
    if failure:
        return {
            "ok": False,
            "message": f"Qt cannot be loaded: {failure}",
            "hint": "Install the system packages that the README names for your system.",
        }
    if has_display(os.environ, sys.platform):
        return {"ok": True, "message": "the window can open", "hint": ""}
    message = "none here: the window's job runs in the terminal instead"
    return {"ok": True, "message": message, "hint": ""}


def _qt_failure() -> str:
    """Load Qt in a process of its own, and return what it says when that fails."""
    if is_packaged():
        return ""  # a frozen build brings its Qt with it
    command = [sys.executable, "-P", "-c", "import PySide6.QtWidgets"]
    try:
        result = subprocess.run(  # noqa: S603 - our own interpreter
            command, capture_output=True, text=True, timeout=QT_LOAD_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    last_lines = result.stderr.strip().splitlines()[-1:]
    return last_lines[0] if result.returncode and last_lines else ""


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
