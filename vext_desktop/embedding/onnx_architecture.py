"""Which models the onnx engine can run: BERT with mean pooling, as its folder describes it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vext_desktop.embedding.onnx_weights import WEIGHTS_FILE, Weights
from vext_desktop.errors import ModelError

WORDS = "embeddings.word_embeddings.weight"
POSITIONS = "embeddings.position_embeddings.weight"
TYPES = "embeddings.token_type_embeddings.weight"
_HINT = "Choose the engine torch in the settings: it runs every sentence-transformers model."
# A tokenizer without a limit of its own says 10^30.
_NO_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class BertArchitecture:
    """What must be known of a BERT to compute with its weights.

    Attributes:
        layers: Transformer layers.
        heads: Attention heads in each.
        width: Numbers in a token's vector, and in a text's.
        epsilon: Added to the variance in each layer normalisation.
        max_tokens: Tokens of one text that the model reads, special tokens included.
    """

    layers: int
    heads: int
    width: int
    epsilon: float
    max_tokens: int


def read_architecture(folder: Path) -> BertArchitecture:
    """Read what kind of model lies in a sentence-transformers folder.

    Raises:
        ModelError: It is of a kind that this engine does not compute; names what is different.
    """
    config = _read(folder / "config.json")
    wanted = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "is_decoder": False,
    }
    for name, value in wanted.items():
        if config.get(name, value) != value:
            raise _unsupported(folder, f"{name} is {config[name]}")
    _check_modules(folder)
    tables = _read(folder / "sentence_bert_config.json")
    if tables.get("do_lower_case"):
        raise _unsupported(folder, "its texts are put in lower case first")
    told = _read(folder / "config_sentence_transformers.json")
    if told.get("default_prompt_name") or any((told.get("prompts") or {}).values()):
        raise _unsupported(folder, "it puts a prompt before each text")
    limits = (
        tables.get("max_seq_length"),
        _read(folder / "tokenizer_config.json").get("model_max_length"),
        config.get("max_position_embeddings"),
    )
    try:
        return BertArchitecture(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            width=int(config["hidden_size"]),
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            max_tokens=min(int(limit) for limit in limits if limit and limit < _NO_LIMIT),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unsupported(folder, f"config.json is not complete ({error})") from error


def open_weights(folder: Path, architecture: BertArchitecture) -> Weights:
    """Open the weights of a model, and see that they are those of its architecture.

    Raises:
        ModelError: They cannot be read, or are others.
    """
    if not (folder / WEIGHTS_FILE).is_file():
        raise _unsupported(folder, f"it has no {WEIGHTS_FILE}")
    weights = Weights(folder / WEIGHTS_FILE)
    last = f"encoder.layer.{architecture.layers - 1}.output.dense.weight"
    missing = [name for name in (WORDS, POSITIONS, TYPES, last) if name not in weights]
    if missing:
        weights.close()
        raise _unsupported(folder, f"there is no float32 matrix {missing[0]}")
    widths = {weights.shape(name)[-1] for name in (WORDS, POSITIONS, TYPES)}
    if widths != {architecture.width} or weights.shape(POSITIONS)[0] < architecture.max_tokens:
        weights.close()
        raise _unsupported(folder, "its matrices have other sizes than its config.json says")
    return weights


def _check_modules(folder: Path) -> None:
    """Transformer, mean pooling, perhaps normalisation, and nothing else."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
        places = [str(module.get("path", "")) for module in modules]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unsupported(folder, f"modules.json cannot be understood ({error})") from error
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise _unsupported(folder, f"it is made of {', '.join(kinds) or 'nothing'}")
    if places[0]:
        raise _unsupported(folder, f"its transformer lies in {places[0]}")
    pooling = _read(folder / places[1] / "config.json")
    modes = [name for name, value in pooling.items() if name.startswith("pooling_mode") and value]
    if modes != ["pooling_mode_mean_tokens"] and pooling.get("pooling_mode") != "mean":
        raise _unsupported(folder, f"its pooling is {', '.join(modes) or 'unknown'}")


def _unsupported(folder: Path, difference: str) -> ModelError:
    return ModelError(f"The onnx engine cannot run the model in {folder}: {difference}.", _HINT)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} could not be read: {error}.", "Copy the model again.") from error
    return found if isinstance(found, dict) else {}
