"""What the bench compares our engine with: sentence-transformers as its manual shows it."""

import os
from collections.abc import Callable
from pathlib import Path

from vext_desktop.embedding.embedder import Vectors


def load_plain_encode(folder: Path, batch_size: int) -> Callable[[list[str]], Vectors]:
    """Load a model in this process; takes seconds.

    Args:
        folder: The model's files.
        batch_size: Texts in a batch; the library sorts them by length first.

    Returns:
        `SentenceTransformer.encode` with its defaults: texts to float32 (texts, dimension).
    """
    # Read by the library when it is imported: no word over the network, no bars on the terminal.
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - only needed here

    model = SentenceTransformer(str(folder), local_files_only=True)

    def encode(texts: list[str]) -> Vectors:
        vectors: Vectors = model.encode(texts, batch_size=batch_size, show_progress_bar=False)
        return vectors

    return encode
