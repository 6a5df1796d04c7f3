"""From a choice in the settings to an embedder."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vext_desktop.embedding.embedder import Embedder
from vext_desktop.embedding.model_folder import check_model_folder
from vext_desktop.errors import ModelError

# For an engine's own process, set before it starts. OpenMP threads that spin while they wait for
# each other need twice the processor time, and half the speed is gone, when other programs are
# busy too (2 cores, load 6: 2.6 chunks/s spinning, 4.8 sleeping).
ENGINE_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """What to load; travels to the engine process as JSON.

    Attributes:
        engine: Its name in the settings ("torch").
        model_folder: Folder of the model.
        model_name: The model's name in the index.
        threads: Processor threads; 0 leaves the number to the engine.
    """

    engine: str
    model_folder: str
    model_name: str
    threads: int = 0

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
            threads=int(values["threads"]),
        )


def create_embedder(choice: EmbedderChoice) -> Embedder:
    """Load the chosen engine and its model; takes seconds.

    Raises:
        ModelError: The engine is unknown, a library is missing, or the model cannot be loaded.
    """
    if choice.engine != "torch":
        raise ModelError(
            f'There is no engine "{choice.engine}".', "Choose another engine in the settings."
        )
    folder = Path(choice.model_folder)
    check_model_folder(folder)  # before seconds are spent on imports
    from vext_desktop.embedding.torch_engine import TorchEmbedder  # noqa: PLC0415 - heavy

    try:
        return TorchEmbedder(folder, choice.model_name, choice.threads)
    except ImportError as error:
        raise ModelError(
            f"The torch engine cannot start: {error}.",
            "Install what it needs: pip install torch sentence-transformers",
        ) from error
