"""Whether an onnx engine's vectors are those of the reference, on a fixed set of texts."""

import importlib.resources
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vext_desktop.embedding.default_model import DEFAULT_WEIGHTS_SHA256
from vext_desktop.embedding.embedder import Embedder, Vectors
from vext_desktop.embedding.onnx_kind import OnnxKind
from vext_desktop.errors import ModelError

TEXTS_FILE = "texts.json"
VECTORS_FILE = "all-MiniLM-L6-v2.npy"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a comparison with the torch engine went.

    Attributes:
        compared_with: "torch", "shipped vectors of torch", or "" if nothing could be compared.
        texts: How many texts were compared.
        min_cosine: The worst of them; None if there were none.
        mean_cosine: Their mean; None if there were none.
    """

    compared_with: str
    texts: int
    min_cosine: float | None
    mean_cosine: float | None

    def shortfall(self, kind: OnnxKind) -> str:
        """What is not as near to the reference as it must be, for people; "" if all is."""
        if self.min_cosine is None or self.mean_cosine is None:
            return ""
        if not self.min_cosine >= kind.min_cosine:
            return f"the cosine is {self.min_cosine:.4f}, and must be at least {kind.min_cosine}"
        if not self.mean_cosine >= kind.min_mean_cosine:
            return (
                f"the mean cosine is {self.mean_cosine:.4f}, and must be at least "
                f"{kind.min_mean_cosine}"
            )
        return ""

    @property
    def sentence(self) -> str:
        """What came out, for people."""
        if self.min_cosine is None or self.mean_cosine is None:
            return "not compared with torch, which is not installed"
        return (
            f"agrees with torch on {self.texts} texts (cosine {self.mean_cosine:.6f} on average, "
            f"at least {self.min_cosine:.6f})"
        )


def agreement_texts() -> list[str]:
    """The texts that are compared: long, short, empty, code, tables, many scripts."""
    texts: list[str] = json.loads((_place() / TEXTS_FILE).read_text(encoding="utf-8"))
    return texts


def compare_with_reference(embedder: Embedder, folder: Path, weights_sha256: str) -> Agreement:
    """Compare an engine with torch: with its shipped vectors, or with torch itself.

    Args:
        embedder: The engine to judge.
        folder: Its model's files.
        weights_sha256: Of that model's weights; the shipped vectors count for one model only.
    """
    texts = agreement_texts()
    if weights_sha256 == DEFAULT_WEIGHTS_SHA256:
        with (_place() / VECTORS_FILE).open("rb") as stream:
            reference: Vectors = np.load(stream)
        compared_with = "shipped vectors of torch"
    elif has_torch():
        reference, compared_with = _torch_vectors(texts, folder), "torch"
    else:
        return Agreement("", 0, None, None)
    found = embedder.embed(texts).vectors
    if found.shape != reference.shape:
        raise ModelError(
            f"The {embedder.info.engine} engine makes vectors of shape {found.shape}, "
            f"torch {reference.shape}.",
            "Choose the engine torch in the settings.",
        )
    # A vector that is no number has no cosine, and counts as the worst.
    cosines = np.nan_to_num(np.sum(found * reference, axis=1), nan=-1.0)
    worst, mean = float(cosines.min()), float(cosines.mean())
    return Agreement(compared_with, len(texts), worst, mean)


def has_torch() -> bool:
    """Whether the torch engine can be had; nothing is imported."""
    return all(importlib.util.find_spec(name) for name in ("torch", "sentence_transformers"))


def _torch_vectors(texts: list[str], folder: Path) -> Vectors:
    from vext_desktop.embedding.torch_engine import TorchEmbedder  # noqa: PLC0415 - heavy

    reference = TorchEmbedder(folder, folder.name)
    try:
        return reference.embed(texts).vectors
    finally:
        reference.close()


def _place() -> "importlib.resources.abc.Traversable":
    return importlib.resources.files("vext_desktop.resources") / "agreement"
