"""Sentence-transformers models so small that a test writes them: BERT with random weights."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

WORDS = """
    the a of and in lighthouse keeper dog bread dough oven crust tenant landlord rent month
    ferry island evening coffee harbour price note about query passage
    """.split()  # noqa: SIM905 - a list literal would be a screen of quotation marks
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LAYER_WEIGHTS = {
    "attention.self.query": (1, 1),
    "attention.self.key": (1, 1),
    "attention.self.value": (1, 1),
    "attention.output.dense": (1, 1),
    "intermediate.dense": (2, 1),
    "output.dense": (1, 2),
}


def write_model(
    folder: Path,
    dimension: int = 32,
    *,
    pooling: str = "mean",
    seed: int = 1,
    max_tokens: int = 64,
    prompts: Mapping[str, str] | None = None,
    normalizes: bool = True,
) -> Path:
    """Write a BERT of one layer whose vocabulary is some words and all letters and digits."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = [chr(code) for code in range(33, 127)]
    vocabulary = [*SPECIAL, *WORDS, *pieces, *(f"##{piece}" for piece in pieces)]
    vocabulary = list(dict.fromkeys(vocabulary))
    _write_tokenizer(folder, vocabulary)
    _write_weights(folder, dimension, len(vocabulary), seed)
    write_json(
        folder / "config.json",
        {
            "model_type": "bert",
            "architectures": ["BertModel"],
            "hidden_size": dimension,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 2 * dimension,
            "max_position_embeddings": 128,
            "type_vocab_size": 2,
            "vocab_size": len(vocabulary),
            "hidden_act": "gelu",
            "layer_norm_eps": 1e-12,
            "pad_token_id": 0,
        },
    )
    write_json(
        folder / "sentence_bert_config.json",
        {"max_seq_length": max_tokens, "do_lower_case": False},
    )
    write_json(folder / "config_sentence_transformers.json", {"prompts": dict(prompts or {})})
    kinds = ["Transformer", "Pooling", *(["Normalize"] if normalizes else [])]
    places = ["", "1_Pooling", "2_Normalize"]
    modules = [
        {"idx": n, "name": str(n), "path": place, "type": f"sentence_transformers.models.{kind}"}
        for n, (kind, place) in enumerate(zip(kinds, places, strict=False))
    ]
    write_json(folder / "modules.json", modules)
    modes = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens"}
    write_json(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": dimension,
            **{f"pooling_mode_{key}": mode == pooling for mode, key in modes.items()},
        },
    )
    return folder


def write_json(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")


def _write_tokenizer(folder: Path, vocabulary: list[str]) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    ids = {word: number for number, word in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"])
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": True,
            "model_max_length": 128,
            "pad_token": "[PAD]",
            "unk_token": "[UNK]",
            "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            "mask_token": "[MASK]",
        },
    )
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")


def _write_weights(folder: Path, width: int, words: int, seed: int) -> None:
    from safetensors.numpy import save_file

    random = np.random.default_rng(seed)

    def matrix(*shape: int) -> np.ndarray[Any, Any]:
        return random.normal(0, 0.3, shape).astype(np.float32)

    found = {
        "embeddings.word_embeddings.weight": matrix(words, width),
        "embeddings.position_embeddings.weight": matrix(128, width) * np.float32(0.1),
        "embeddings.token_type_embeddings.weight": matrix(2, width),
        "pooler.dense.weight": matrix(width, width),
        "pooler.dense.bias": np.zeros(width, np.float32),
    }
    for name, (rows, columns) in LAYER_WEIGHTS.items():
        place = f"encoder.layer.0.{name}"
        found[f"{place}.weight"] = matrix(rows * width, columns * width)
        found[f"{place}.bias"] = np.zeros(rows * width, np.float32)
    for name in (
        "embeddings.LayerNorm",
        "encoder.layer.0.attention.output.LayerNorm",
        "encoder.layer.0.output.LayerNorm",
    ):
        found[f"{name}.weight"] = np.ones(width, np.float32)
        found[f"{name}.bias"] = np.zeros(width, np.float32)
    save_file(found, folder / "model.safetensors", metadata={"format": "pt"})
