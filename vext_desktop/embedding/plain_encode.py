"""What the bench compares our engines with: sentence-transformers as its manual shows it."""

import os
from collections.abc import Callable
from pathlib import Path

from vext_desktop.embedding.embedder import Vectors

# The library's own choice.
PLAIN_BATCH_SIZE = 32


def load_plain_encode(
    folder: Path, batch_size: int, threads: int = 0
) -> Callable[[list[str]], Vectors]:
    """Load a model in this process; takes seconds.

    Args:
        folder: The model's files.
        batch_size: Texts in a batch; the library sorts them by length first.
        threads: Processor threads; 0 for torch's own choice.

    Returns:
        `SentenceTransformer.encode` with its defaults: texts to float32 (texts, dimension).
    """
    # Read by the library when it is imported: no word over the network, no bars on the terminal.
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    import torch  # noqa: PLC0415 - only needed here
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - only needed here

    if threads:
        torch.set_num_threads(threads)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def encode(texts: list[str]) -> Vectors:
        vectors: Vectors = model.encode(texts, batch_size=batch_size, show_progress_bar=False)
        return vectors

    return encode
