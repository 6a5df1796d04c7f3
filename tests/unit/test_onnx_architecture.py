"""Which model folders the onnx engine takes, and what it says of the others."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.onnx_architecture import open_weights, read_architecture
from vext_desktop.embedding.onnx_weights import Weights
from vext_desktop.errors import ModelError

SHIPPED = find_model("").folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped model's tables, without its weights."""
    place = tmp_path / "model"
    shutil.copytree(SHIPPED, place, ignore=shutil.ignore_patterns("*.safetensors", "vocab.txt"))
    return place


def change(file: Path, **changes: Any) -> None:
    found = json.loads(file.read_text()) if file.is_file() else {}
    file.write_text(json.dumps({**found, **changes}))


def write_weights(file: Path, matrices: dict[str, tuple[str, list[int], bytes]]) -> None:
    header, content = {}, b""
    for name, (kind, shape, data) in matrices.items():
        places = [len(content), len(content) + len(data)]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": places}
        content += data
    text = json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + content)


def test_the_shipped_model_is_understood() -> None:
    found = read_architecture(SHIPPED)
    assert (found.layers, found.heads, found.width, found.max_tokens) == (6, 12, 384, 256)
    with open_weights(SHIPPED, found) as weights:
        assert weights.shape("embeddings.word_embeddings.weight") == (30522, 384)


@pytest.mark.parametrize(
    ("file", "changes", "told"),
    [
        ("config.json", {"model_type": "mpnet"}, "model_type is mpnet"),
        ("config.json", {"hidden_act": "relu"}, "hidden_act is relu"),
        ("config.json", {"position_embedding_type": "relative_key"}, "relative_key"),
        ("config.json", {"num_hidden_layers": None}, "config.json is not complete"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "lower case"),
        ("config_sentence_transformers.json", {"default_prompt_name": "query"}, "a prompt"),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}, "pooling_mode_cls_token"),
    ],
)
def test_a_model_of_another_kind_is_refused_with_the_difference(
    folder: Path, file: str, changes: dict[str, Any], told: str
) -> None:
    change(folder / file, **changes)
    with pytest.raises(ModelError, match=told) as caught:
        read_architecture(folder)
    assert "torch" in caught.value.hint


def test_a_model_with_a_dense_layer_is_refused(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"type": "sentence_transformers.models.Dense", "path": "3_Dense"})
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelError, match="Transformer, Pooling, Normalize, Dense"):
        read_architecture(folder)


def test_weights_of_half_precision_are_refused(folder: Path) -> None:
    found = read_architecture(folder)
    name = "embeddings.word_embeddings.weight"
    write_weights(folder / "model.safetensors", {name: ("F16", [2, 384], bytes(1536))})
    with pytest.raises(ModelError, match=r"no float32 matrix embeddings\.word"):
        open_weights(folder, found)


def test_rows_are_read_in_the_order_asked_for(tmp_path: Path) -> None:
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    file = tmp_path / "model.safetensors"
    write_weights(file, {"table": ("F32", [4, 3], table.tobytes())})
    with Weights(file) as weights:
        np.testing.assert_array_equal(weights.read("table"), table)
        np.testing.assert_array_equal(weights.read_rows("table", [3, 0, 3]), table[[3, 0, 3]])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 8,
        (2).to_bytes(8, "little") + b"[]",
        (9).to_bytes(8, "little") + b"not JSON ",
    ],
)
def test_a_file_that_is_no_safetensors_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    with pytest.raises(ModelError, match="cannot be read"):
        Weights(file)


def test_a_matrix_beyond_the_end_of_the_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    write_weights(file, {"table": ("F32", [4, 3], bytes(48))})
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ModelError, match="outside of the file"):
        Weights(file)
