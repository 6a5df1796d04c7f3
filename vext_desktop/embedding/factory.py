"""From a choice in the settings to an embedder."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vext_desktop.embedding.embedder import Embedder
from vext_desktop.embedding.model_folder import check_is_named, check_model_folder
from vext_desktop.embedding.onnx_agreement import has_torch
from vext_desktop.embedding.onnx_architecture import read_architecture
from vext_desktop.embedding.onnx_kind import ONNX_KINDS, OnnxKind
from vext_desktop.embedding.onnx_prepared import find_prepared, is_prepared, judge
from vext_desktop.embedding.service import Service
from vext_desktop.errors import ModelError
from vext_desktop.keys import SecretKey
from vext_desktop.packaged import how_to_get_torch, how_to_install

logger = logging.getLogger("vext.embedding")

# For an engine's own process, set before it starts. OpenMP threads that spin while they wait for
# each other need twice the processor time, and half the speed is gone, when other programs are
# busy too (2 cores, load 6: 2.6 chunks/s spinning, 4.8 sleeping).
ENGINE_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE"}


# What does the work where an engine cannot.
_SUBSTITUTES = {"onnx-int8": "onnx", "onnx": "torch"}


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """What to load; travels to the engine process as JSON.

    Attributes:
        engine: Its name in the settings ("onnx-int8", "onnx" or "torch"); of a service, the
            provider's.
        model_folder: Folder of the model.
        model_name: The model's name in the index.
        prepared_models: Folder for what the onnx engines prepare once.
        threads: Processor threads; 0 leaves the number to the engine.
        service: What is asked instead of a model here; None for a model here.
        dimension: Numbers in the vectors of a service, where that was learnt; else 0.
        device: What torch computes on: "auto", "cpu", "cuda" or "mps".
    """

    engine: str
    model_folder: str
    model_name: str
    prepared_models: str
    threads: int = 0
    service: Service | None = None
    dimension: int = 0
    device: str = "auto"

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "EmbedderChoice":
        """From what `to_json` gave."""
        return cls(
            engine=str(values["engine"]),
            model_folder=str(values["model_folder"]),
            model_name=str(values["model_name"]),
            prepared_models=str(values["prepared_models"]),
            threads=int(values["threads"]),
            service=Service.from_json(values["service"]) if values["service"] else None,
            dimension=int(values["dimension"]),
            device=str(values["device"]),
        )


def describe_start(choice: EmbedderChoice) -> str:
    """What starting will do besides loading, for people; "" if nothing."""
    try:
        kind = ONNX_KINDS.get(choice.engine)
        if kind is not None and not is_prepared(
            Path(choice.prepared_models), Path(choice.model_folder), kind
        ):
            return "Preparing the model for this computer, once"
    except OSError:
        pass  # a model that cannot be read is told by loading it
    return ""


def create_embedder(choice: EmbedderChoice, key: SecretKey | None = None) -> Embedder:
    """Load the chosen engine and its model; takes seconds.

    Where an onnx engine cannot run the model, the next one does that is installed; the embedder's
    info then says so.

    Args:
        choice: What to load.
        key: For a service that wants one.

    Raises:
        ModelError: The engine is unknown, a library is missing, or the model cannot be loaded.
    """
    if choice.service is not None:
        return _create_service(choice, choice.service, key)
    folder = Path(choice.model_folder)
    if choice.engine not in {*ONNX_KINDS, "torch"}:
        raise ModelError(
            f'There is no engine "{choice.engine}".', "Choose another engine in the settings."
        )
    check_model_folder(folder)  # before seconds are spent on imports
    check_is_named(folder, choice.model_name)
    engine, notice = choice.engine, ""
    while engine != "torch":
        try:
            return _create_onnx(choice, folder, ONNX_KINDS[engine], notice)
        except ModelError as error:
            substitute = _SUBSTITUTES[engine]
            if substitute == "torch" and not has_torch():
                raise
            logger.warning("the %s engine takes the place of %s: %s", substitute, engine, error)
            notice = (
                f"{error.message} The {substitute} engine does the work instead; it needs more "
                "memory."
            )
            engine = substitute
    return _create_torch(choice, folder, notice)


def _create_service(choice: EmbedderChoice, service: Service, key: SecretKey | None) -> Embedder:
    from vext_desktop.embedding.service_embedder import ServiceEmbedder  # noqa: PLC0415 - HTTP

    try:
        return ServiceEmbedder(service, key, choice.model_name, choice.dimension)
    except ImportError as error:
        raise ModelError(
            f"Services cannot be asked: {error}.", how_to_install("pip install httpx2")
        ) from error


def _create_onnx(choice: EmbedderChoice, folder: Path, kind: OnnxKind, notice: str) -> Embedder:
    read_architecture(folder)  # before a process is spent on what it cannot prepare
    try:
        # Before its imports: what prepares has the machine's memory to itself.
        prepared = find_prepared(Path(choice.prepared_models), folder, kind)
        from vext_desktop.embedding.onnx_engine import OnnxEmbedder  # noqa: PLC0415 - heavy

        embedder = OnnxEmbedder(
            folder, prepared.graph_file, choice.model_name, choice.threads, kind, notice
        )
        try:
            judge(prepared, embedder, folder)
        except BaseException:
            embedder.close()
            raise
    except ImportError as error:
        raise ModelError(
            f"The {kind.engine} engine cannot start: {error}.",
            how_to_install("pip install onnxruntime onnx tokenizers"),
        ) from error
    return embedder


def _create_torch(choice: EmbedderChoice, folder: Path, notice: str) -> Embedder:
    from vext_desktop.embedding.torch_engine import TorchEmbedder  # noqa: PLC0415 - heavy

    try:
        return TorchEmbedder(folder, choice.model_name, choice.threads, notice, choice.device)
    except ImportError as error:
        raise ModelError(f"The torch engine cannot start: {error}.", how_to_get_torch()) from error
