"""The short-lived process that prepares a model for an onnx engine."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from vext_desktop.embedding.default_model import DEFAULT_WEIGHTS_SHA256
from vext_desktop.embedding.model_folder import check_model_folder
from vext_desktop.embedding.onnx_agreement import Agreement, compare_with_reference
from vext_desktop.embedding.onnx_architecture import open_weights, read_architecture
from vext_desktop.embedding.onnx_kind import INT8, ONNX_KINDS, OnnxKind
from vext_desktop.embedding.onnx_prepared import (
    GRAPH_FILE,
    MATRICES_FILE,
    Manifest,
    is_in_use,
    read_manifest,
    runtime_version,
    sha256,
)
from vext_desktop.embedding.onnx_weights import WEIGHTS_FILE
from vext_desktop.errors import ModelError, VextError

_DRAFT_PREFIX = ".draft-"


def run_preparer(arguments: list[str]) -> int:
    """Prepare a model; returns the exit code.

    Args:
        arguments: The model's folder, the folder to be made, and the engine's name.

    Prints why it failed as a JSON object with "message" and "hint".
    """
    model_folder, folder, engine = arguments
    try:
        prepare_model(Path(model_folder), Path(folder), ONNX_KINDS[engine])
    except Exception as error:  # noqa: BLE001 - the parent tells it in a sentence
        hint = error.hint if isinstance(error, VextError) else ""
        message = f"The model could not be prepared: {error}"
        sys.stdout.write(json.dumps({"message": message, "hint": hint}) + "\n")
        return 1
    return 0


def prepare_model(model_folder: Path, folder: Path, kind: OnnxKind) -> Manifest:
    """Write a model's network and put it in its place in one step.

    Raises:
        ModelError: The model is of a kind that cannot be prepared.
        ImportError: A library is missing.
        OSError: It cannot be written there.
    """
    check_model_folder(model_folder)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove_drafts(folder.parent)
    draft = Path(tempfile.mkdtemp(prefix=f"{_DRAFT_PREFIX}{os.getpid()}-", dir=folder.parent))
    try:
        manifest = _write(model_folder, draft, kind)
        if folder.exists():  # damaged, or of another runtime
            shutil.rmtree(folder)
        try:
            draft.replace(folder)
        except OSError:
            if read_manifest(folder) is None:  # else another process was quicker
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    remove_unused(folder.parent)
    return manifest


def _write(model_folder: Path, draft: Path, kind: OnnxKind) -> Manifest:
    from vext_desktop.embedding.onnx_graph import GraphWriter, write_graph  # noqa: PLC0415 - onnx
    from vext_desktop.embedding.onnx_int8_graph import Int8GraphWriter  # noqa: PLC0415 - onnx

    architecture = read_architecture(model_folder)
    with open_weights(model_folder, architecture) as weights:
        try:
            writer = Int8GraphWriter if kind is INT8 else GraphWriter
            write_graph(weights, architecture, draft, writer)
        except KeyError as error:
            raise ModelError(
                f"The onnx engine cannot run the model in {model_folder}: it lacks {error}.",
                "Choose the engine torch in the settings.",
            ) from error
    source_sha256 = sha256(model_folder / WEIGHTS_FILE)
    agreement = None
    if source_sha256 != DEFAULT_WEIGHTS_SHA256:
        # Here, where torch may be loaded for it. Vectors that are shipped need no torch: the
        # engine compares them itself, which spares the memory of a second one.
        agreement = _compare(model_folder, draft / GRAPH_FILE, source_sha256, kind)
    files = {name: sha256(draft / name) for name in (GRAPH_FILE, MATRICES_FILE)}
    place = str(model_folder.absolute())
    manifest = Manifest(place, source_sha256, runtime_version(), files, agreement)
    manifest.write(draft)
    return manifest


def _compare(model_folder: Path, graph_file: Path, source_sha256: str, kind: OnnxKind) -> Agreement:
    from vext_desktop.embedding.onnx_engine import OnnxEmbedder  # noqa: PLC0415 - heavy

    embedder = OnnxEmbedder(model_folder, graph_file, model_folder.name, kind=kind)
    try:
        return compare_with_reference(embedder, model_folder, source_sha256)
    finally:
        embedder.close()


def remove_unused(root: Path) -> None:
    """Remove what was prepared for engines or models that are no longer there."""
    for folder in root.iterdir():
        if not folder.name.startswith(_DRAFT_PREFIX) and not is_in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _remove_drafts(root: Path) -> None:
    """Remove what preparers left that were ended half-way."""
    for draft in root.glob(f"{_DRAFT_PREFIX}*"):
        number = draft.name.removeprefix(_DRAFT_PREFIX).partition("-")[0]
        if number.isdecimal() and not _is_running(int(number)):
            shutil.rmtree(draft, ignore_errors=True)


def _is_running(pid: int) -> bool:
    import psutil  # noqa: PLC0415 - only where a draft was left

    return bool(psutil.pid_exists(pid))
