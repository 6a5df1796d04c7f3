"""What a folder must hold to be a model that we load: weights and tables, never code."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vext_desktop.embedding.service import Service
from vext_desktop.errors import ModelError

_PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"})
_OWN_MODULES = "sentence_transformers."
# At the end of the name of a model that is not the shipped one; see `find_model`.
_FINGERPRINT = re.compile(r" \(([0-9a-f]{8})\)$")
_SAMPLES = 64
_SAMPLE_BYTES = 4096
_HINT = "Choose the folder of another sentence-transformers model, or leave the setting empty."


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model on disk.

    Attributes:
        folder: Where its files lie; for a model of a service, nowhere.
        name: Names it in the index: two models with different weights have different names.
        service: Who runs it; None for a model on disk.
        dimension: Numbers in the vectors of a service; 0 for a model on disk, whose files tell.
    """

    folder: Path
    name: str
    service: Service | None = None
    dimension: int = 0


def check_model_folder(folder: Path) -> None:
    """See that a folder holds a model, its tokenizer, and no code of its own.

    Raises:
        ModelError: It does not; says what is missing.
    """
    if not folder.is_dir():
        raise ModelError(f"There is no model folder {folder}.", _HINT)
    for needed in ("modules.json", "tokenizer.json"):
        if not (folder / needed).is_file():
            raise ModelError(f"The model in {folder} has no {needed}.", _HINT)
    if not _weights(folder):
        raise ModelError(
            f"The model in {folder} has no .safetensors file; other weight files can hide code.",
            _HINT,
        )
    for module in [folder, *(folder / place for place in _module_places(folder))]:
        pickled = [file.name for file in module.glob("*") if file.suffix in _PICKLES]
        if pickled and not any(module.glob("*.safetensors")):
            raise ModelError(
                f"The model in {folder} has weights only in {pickled[0]}, a kind of file that can "
                "hide code.",
                _HINT,
            )
    for listing in ("modules.json", "router_config.json"):
        # sentence-transformers before 6.0 runs a local model's own code without being asked.
        foreign = [name for name in _class_names(folder / listing) if not _is_own(name)]
        if foreign:
            raise ModelError(f"The model in {folder} wants to run code of its own.", _HINT)


def fingerprint(folder: Path) -> str:
    """Eight hexadecimal digits that change when the weights, tokenizer or set-up change.

    The weights are sampled in 64 places: training changes them everywhere, and reading
    gigabytes at each start would keep the user waiting.
    """
    digest = hashlib.blake2b(digest_size=4)
    for table in sorted(folder.rglob("*.json")):
        digest.update(table.relative_to(folder).as_posix().encode())
        digest.update(table.read_bytes())
    for weights in _weights(folder):
        size = weights.stat().st_size
        digest.update(size.to_bytes(8, "big"))
        with weights.open("rb") as stream:
            for sample in range(_SAMPLES):
                stream.seek(sample * size // _SAMPLES)
                digest.update(stream.read(_SAMPLE_BYTES))
    return digest.hexdigest()


def check_is_named(folder: Path, name: str) -> None:
    """See that a folder still holds the model that a name with a fingerprint speaks of.

    Raises:
        ModelError: Its files were changed since.
    """
    named = _FINGERPRINT.search(name)
    if named is not None and named[1] != fingerprint(folder):
        raise ModelError(
            f"The model in {folder} has been changed while it was in use: it is no longer {name}.",
            "Start the program again; the index is then built with the new one, if you want that.",
        )


def _module_places(folder: Path) -> list[str]:
    try:
        modules: Any = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        return [str(module.get("path") or "") for module in modules]
    except (ValueError, TypeError, AttributeError):
        return []  # told by who reads its classes


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))


def _is_own(class_name: object) -> bool:
    return isinstance(class_name, str) and class_name.startswith(_OWN_MODULES)


def _class_names(listing: Path) -> list[object]:
    """The classes that a listing of modules names."""
    if not listing.is_file():
        return []
    try:
        content: Any = json.loads(listing.read_text(encoding="utf-8"))
        if listing.name == "router_config.json":
            return list(content["types"].values())
        return [module["type"] for module in content]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{listing} cannot be understood ({error}).", _HINT) from error
