"""How much a model computes for a text, and how much this machine can: the limit of any engine."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# Large enough that a product keeps the processor busy, small enough to stay in its caches.
_SIDE = 512
_PRODUCTS = 20


def gflop_per_text(folder: Path, texts: Sequence[str]) -> float | None:
    """Floating-point operations that a BERT needs for a text, mean in 10^9; None if it is no BERT.

    The products of matrices only, two operations for each weight and token: four of width by width
    and two of width by inner width in each layer, and two products of all tokens with each other.

    Args:
        folder: The model's files.
        texts: What is read; cut at the model's limit, as the engines do.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - only where it is needed

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tables = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        layers, width, inner, limit = (
            int(config["num_hidden_layers"]),
            int(config["hidden_size"]),
            int(config["intermediate_size"]),
            int(tables["max_seq_length"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(limit)
    total = 0
    for text in texts:
        tokens = len(tokenizer.encode(text).ids)
        weights = 4 * width * width + 2 * width * inner
        total += layers * (2 * tokens * weights + 2 * 2 * tokens * tokens * width)
    return total / len(texts) / 1e9


def measure_matrix_peak(threads: int) -> float:
    """10^9 operations per second of processor time that products of float32 matrices reach here.

    The best of torch and numpy, each with matrices that fit the caches; takes about a second.

    Args:
        threads: That torch may use; numpy takes what its environment says.
    """
    import torch  # noqa: PLC0415 - heavy

    if threads:
        torch.set_num_threads(threads)
    left = np.full((_SIDE, _SIDE), 0.5, np.float32)
    tensor = torch.from_numpy(left)
    operations = 2 * _SIDE**3
    best_s = float("inf")
    for multiply in (lambda: torch.mm(tensor, tensor), lambda: left @ left):
        for _ in range(_PRODUCTS):
            started_s = time.process_time()
            multiply()
            best_s = min(best_s, time.process_time() - started_s)
    return operations / best_s / 1e9
