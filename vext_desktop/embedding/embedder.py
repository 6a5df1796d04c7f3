"""What every engine and provider can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """What a front end and the index must know of an embedder.

    Attributes:
        engine: Its name in the settings ("onnx", "torch").
        model: Name of the model; vectors of different models never meet.
        dimension: Numbers in a vector.
        max_tokens: Tokens of one text that the model reads, special tokens included.
        tokenizer_file: Path of a `tokenizer.json` that counts as the model does.
        device: Where it computes ("cpu", "cuda:0", "mps").
        sends_data_away: Whether texts leave this computer.
        notice: Why this engine works in place of the chosen one, for people; "" if it does not.
        device_reason: Why it computes there, for people; "" where there is no choice.
    """

    engine: str
    model: str
    dimension: int
    max_tokens: int
    tokenizer_file: str
    device: str
    sends_data_away: bool
    notice: str = ""
    device_reason: str = ""

    @property
    def works_on(self) -> str:
        """What computes, where, and why there, for people."""
        if not self.device:
            return self.engine
        place = "the processor" if self.device == "cpu" else self.device
        why = f" ({self.device_reason})" if self.device_reason else ""
        return f"{self.engine} on {place}{why}"


@dataclass(frozen=True, slots=True)
class EmbeddedBatch:
    """What an engine made of a batch.

    Attributes:
        vectors: float32, shape (texts, dimension), C-contiguous, rows of unit length.
        truncated_tokens: Tokens of the texts that were beyond the model's limit and not read.
        seconds: How long the engine worked on it; 0 where nobody measured.
    """

    vectors: Vectors
    truncated_tokens: int
    seconds: float = 0.0


class Embedder(Protocol):
    """Turns texts into vectors; belongs to one thread for its whole life."""

    @property
    def info(self) -> EmbedderInfo:
        """What it is."""
        ...

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        """Embed texts; the result has one row for each, in order.

        Args:
            texts: What to embed.
            as_query: Whether they are queries and not passages, for models that tell them apart.
        """
        ...

    def close(self) -> None:
        """Give up the model."""
        ...
