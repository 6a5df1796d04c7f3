"""What a model folder says of its model, read from its JSON files without loading anything."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vext_desktop.errors import ModelError

TOKENIZER_FILE = "tokenizer.json"
# Names of the prompt that stands before a document, as sentence-transformers looks for it.
DOCUMENT_PROMPTS = ("document", "passage", "corpus")
# A tokenizer without a limit of its own says 10^30.
_NO_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The figures of a model that chunking and the store need.

    Attributes:
        dimension: Numbers in a vector.
        max_tokens: Tokens of one text that the model reads, special tokens included; without
            those of the prompt that the model wants before each document.
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
        dimension = _width_after(_read(module), dimension)
    limits = (
        _read(folder / "sentence_bert_config.json").get("max_seq_length"),
        _read(folder / "tokenizer_config.json").get("model_max_length"),
        config.get("max_position_embeddings"),
    )
    known = [int(limit) for limit in limits if limit and limit < _NO_LIMIT]
    max_tokens = min(known, default=0)
    prompts = _read(folder / "config_sentence_transformers.json").get("prompts") or {}
    prompt = next((prompts[name] for name in DOCUMENT_PROMPTS if prompts.get(name)), "")
    if prompt:
        max_tokens -= _count_tokens(tokenizer_file, prompt)
    if dimension <= 0 or max_tokens <= 0:
        raise ModelError(
            f"The files in {folder} do not say the model's dimension or its token limit.",
            "Choose a folder that sentence-transformers has saved.",
        )
    return ModelCard(dimension, max_tokens, tokenizer_file)


def _width_after(module: dict[str, Any], width: int) -> int:
    """What a module makes of a vector's width: pooling several ways puts them side by side."""
    modes = module.get("pooling_mode")
    ways = sum(1 for name, value in module.items() if name.startswith("pooling_mode_") and value)
    ways = len(modes) if isinstance(modes, list) else max(1, ways)
    pooled = module.get("word_embedding_dimension") or module.get("embedding_dimension")
    return int(module.get("out_features") or (pooled * ways if pooled else width))


def _count_tokens(tokenizer_file: Path, prompt: str) -> int:
    from tokenizers import Tokenizer  # noqa: PLC0415 - a native library, for few models

    try:
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
    except Exception as error:
        raise ModelError(
            f"{tokenizer_file} could not be read: {error}.", "Copy the model again."
        ) from error
    return len(tokenizer.encode(prompt, add_special_tokens=False).ids)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} could not be read: {error}.", "Copy the model again.") from error
    return found if isinstance(found, dict) else {}
