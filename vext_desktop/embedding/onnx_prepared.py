"""What is prepared once from a model's weights for an onnx engine, and kept in the data folder."""

import hashlib
import importlib.metadata
import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vext_desktop.embedding.embedder import Embedder
from vext_desktop.embedding.model_folder import fingerprint
from vext_desktop.embedding.onnx_agreement import Agreement, compare_with_reference
from vext_desktop.embedding.onnx_kind import ONNX_KINDS, OnnxKind
from vext_desktop.errors import ModelError
from vext_desktop.supervision.launch import PREPARER_ROLE, own_command

GRAPH_FILE = "model.onnx"
MATRICES_FILE = "matrices.bin"
MANIFEST_FILE = "prepared.json"
# Half a second for the shipped model; loading torch to compare another one takes ten or twenty.
PREPARE_LIMIT_S = 150.0
_HINT = "Choose the engine torch in the settings, or look at the log engine.log."

logger = logging.getLogger("vext.embedding")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was prepared, from what, and how it was judged; kept beside it as JSON.

    Attributes:
        model_folder: The model that it was made from.
        source_sha256: Of that model's weights.
        runtime: Version of ONNX Runtime that it was judged with.
        files: SHA-256 of each prepared file.
        agreement: How its vectors compare with those of torch; None until they are compared.
    """

    model_folder: str
    source_sha256: str
    runtime: str
    files: dict[str, str]
    agreement: Agreement | None

    def write(self, folder: Path) -> None:
        """Write it into the folder that it is about, in one step."""
        draft = folder / f"{MANIFEST_FILE}.{os.getpid()}"
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        draft.replace(folder / MANIFEST_FILE)


def prepared_folder(root: Path, model_folder: Path, kind: OnnxKind) -> Path:
    """Where the preparation of a model for an engine has its place; it need not exist.

    The name changes with the model's weights and tables, and with how a network is written.
    """
    model = f"{model_folder.name}-{fingerprint(model_folder)}"
    return root / f"{model}-{kind.engine}-{kind.version}"


def is_prepared(root: Path, model_folder: Path, kind: OnnxKind) -> bool:
    """Whether a model has been prepared; looks at names only, in a few milliseconds."""
    return (prepared_folder(root, model_folder, kind) / MANIFEST_FILE).is_file()


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """A model's network on disk, and what is known of it."""

    folder: Path
    manifest: Manifest
    kind: OnnxKind

    @property
    def graph_file(self) -> Path:
        """What ONNX Runtime loads."""
        return self.folder / GRAPH_FILE


def find_prepared(root: Path, model_folder: Path, kind: OnnxKind) -> PreparedModel:
    """The network of a model for an engine, prepared now if need be, in a process of its own.

    What is damaged, or was judged with another ONNX Runtime, is prepared again. Reading what is
    there against its SHA-256 takes some 50 ms for the shipped model.

    Raises:
        ModelError: It cannot be prepared.
    """
    folder = prepared_folder(root, model_folder, kind)
    manifest = read_manifest(folder)
    if manifest is None or manifest.runtime != runtime_version():
        _prepare(model_folder, folder, kind)
        manifest = read_manifest(folder)
    if manifest is None:
        raise ModelError(f"What was prepared in {folder} cannot be read back.", _HINT)
    return PreparedModel(folder, manifest, kind)


def judge(prepared: PreparedModel, embedder: Embedder, model_folder: Path) -> None:
    """See that the vectors are those of torch; compared once, and noted in the manifest.

    Raises:
        ModelError: They are others.
    """
    agreement = prepared.manifest.agreement
    if agreement is None:
        source_sha256 = prepared.manifest.source_sha256
        agreement = compare_with_reference(embedder, model_folder, source_sha256)
        try:
            replace(prepared.manifest, agreement=agreement).write(prepared.folder)
        except OSError as error:
            logger.warning("the next start compares with torch again: %s", error)
    if shortfall := agreement.shortfall(prepared.kind):
        engine = prepared.kind.engine
        raise ModelError(
            f"The {engine} engine does not agree with torch on this model: {shortfall}.", _HINT
        )


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a prepared folder; None if anything is missing there or damaged."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        manifest = Manifest(
            str(found["model_folder"]),
            str(found["source_sha256"]),
            str(found["runtime"]),
            dict(found["files"]),
            Agreement(**found["agreement"]) if found["agreement"] else None,
        )
        if set(manifest.files) != {GRAPH_FILE, MATRICES_FILE}:
            raise ValueError("its files are others")
        for name, expected in manifest.files.items():
            if sha256(folder / name) != expected:
                raise ValueError(f"{name} has been changed")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.info("the prepared model in %s is made anew: %s", folder, error)
        return None
    return manifest


def is_in_use(folder: Path) -> bool:
    """Whether an engine of this version would take a prepared folder for a model that is there."""
    try:
        found = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        model_folder = Path(found["model_folder"])
        places = {
            prepared_folder(folder.parent, model_folder, kind) for kind in ONNX_KINDS.values()
        }
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return folder in places and model_folder.is_dir()


def sha256(file: Path) -> str:
    """SHA-256 of a file in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def runtime_version() -> str:
    """The version of ONNX Runtime that is installed.

    Raises:
        ImportError: It is not installed.
    """
    return importlib.metadata.version("onnxruntime")


def _prepare(model_folder: Path, folder: Path, kind: OnnxKind) -> None:
    """Prepare a model in a process that takes the memory for it away with itself."""
    command = [*own_command(PREPARER_ROLE), str(model_folder), str(folder), kind.engine]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=sys.stderr.fileno() if _has_stderr() else subprocess.DEVNULL,
            timeout=PREPARE_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(f"The model could not be prepared: {error}.", _HINT) from error
    if done.returncode == 0:
        return
    try:
        told = json.loads(done.stdout)
        message, hint = str(told["message"]), str(told["hint"])
    except (ValueError, KeyError, TypeError):
        message = f"The model could not be prepared: that process ended with {done.returncode}."
        hint = _HINT
    raise ModelError(message, hint)


def _has_stderr() -> bool:
    try:
        return sys.stderr is not None and sys.stderr.fileno() >= 0
    except (OSError, ValueError):
        return False  # a frozen window program, or a test that catches what is written
