"""What a model folder says of its model, read from its JSON files without loading anything."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vext_desktop.errors import ModelError

TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The figures of a model that chunking and the store need.

    Attributes:
        dimension: Numbers in a vector.
        max_tokens: Tokens of one text that the model reads, special tokens included.
        tokenizer_file: Its `tokenizer.json`; None where the model is somewhere else.
        max_bytes: Bytes of UTF-8 in a text that are never more tokens than the model reads, for
            a model without a tokenizer here; else 0.
    """

    dimension: int
    max_tokens: int
    tokenizer_file: Path | None
    max_bytes: int = 0


def read_model_card(folder: Path) -> ModelCard:
    """Read the card of a sentence-transformers folder.

    Raises:
        ModelError: The folder is not one, or its tokenizer is of a kind that is not supported.
    """
    tokenizer_file = folder / TOKENIZER_FILE
    if not (folder / "config.json").is_file() or not tokenizer_file.is_file():
        raise ModelError(
            f"{folder} is not a sentence-transformers model with a {TOKENIZER_FILE}.",
            "Choose a model folder that has config.json and tokenizer.json in it.",
        )
    config = _read(folder / "config.json")
    dimension = int(config.get("hidden_size", 0))
    for module in sorted(folder.glob("[0-9]*_*/config.json")):
        found = _read(module)
        # A pooling module keeps the width, a dense one after it may change it.
        dimension = int(
            found.get("out_features") or found.get("word_embedding_dimension") or dimension
        )
    limit = _read(folder / "sentence_bert_config.json").get("max_seq_length")
    max_tokens = int(limit or config.get("max_position_embeddings", 0))
    if dimension <= 0 or max_tokens <= 0:
        raise ModelError(
            f"The files in {folder} do not say the model's dimension or its token limit.",
            "Choose a folder that sentence-transformers has saved.",
        )
    return ModelCard(dimension, max_tokens, tokenizer_file)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} could not be read: {error}.", "Copy the model again.") from error
    return found if isinstance(found, dict) else {}
