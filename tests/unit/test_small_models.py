"""Other people's models on the torch engine: their width, limit, pooling and prompts are kept."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_models import write_json, write_model

from vext_desktop.embedding import torch_device
from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.factory import EmbedderChoice, create_embedder
from vext_desktop.embedding.model_card import read_model_card
from vext_desktop.embedding.onnx_architecture import read_architecture
from vext_desktop.embedding.torch_device import TorchDevice, ask_device, choose_device
from vext_desktop.embedding.torch_engine import TorchEmbedder
from vext_desktop.errors import ModelError

TEXTS = ["the lighthouse keeper and the dog", "bread of the oven", "rent"]
Load = Callable[[Path], TorchEmbedder]


@pytest.fixture
def load() -> Iterator[Load]:
    loaded: list[TorchEmbedder] = []

    def load_one(folder: Path) -> TorchEmbedder:
        model = find_model(str(folder))
        loaded.append(TorchEmbedder(model.folder, model.name, threads=1))
        return loaded[-1]

    yield load_one
    for embedder in loaded:
        embedder.close()


@pytest.mark.parametrize(("dimension", "pooling"), [(32, "cls"), (48, "mean"), (32, "max")])
def test_width_limit_and_pooling_are_the_models_own(
    dimension: int, pooling: str, load: Load, tmp_path: Path
) -> None:
    embedder = load(write_model(tmp_path / "model", dimension, pooling=pooling, max_tokens=20))
    card = read_model_card(tmp_path / "model")
    assert (card.dimension, card.max_tokens) == (dimension, 20)
    assert (embedder.info.dimension, embedder.info.max_tokens) == (dimension, 20)
    batch = embedder.embed([*TEXTS, "dog " * 50])
    assert batch.truncated_tokens == 52 - 20
    model = embedder._model
    tokens = model.encode(TEXTS[:1], output_value="token_embeddings", normalize_embeddings=False)[0]
    tokens = np.asarray(tokens)
    pooled = {"cls": tokens[0], "mean": tokens.mean(0), "max": tokens.max(0)}[pooling]
    expected = pooled / np.linalg.norm(pooled)
    np.testing.assert_allclose(batch.vectors[0], expected, atol=1e-5)


def test_vectors_have_unit_length_whether_or_not_the_model_makes_them_so(
    load: Load, tmp_path: Path
) -> None:
    vectors = load(write_model(tmp_path / "raw", normalizes=False)).embed(TEXTS).vectors
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_questions_and_documents_get_the_prompts_that_the_model_has_for_them(
    load: Load, tmp_path: Path
) -> None:
    prompts = {"query": "query about ", "passage": "passage of the "}
    prompted = load(write_model(tmp_path / "prompted", prompts=prompts, max_tokens=20))
    plain = load(write_model(tmp_path / "plain", max_tokens=20))
    for as_query, prompt in ((True, "query about "), (False, "passage of the ")):
        found = prompted.embed(TEXTS, as_query=as_query).vectors
        expected = plain.embed([prompt + text for text in TEXTS]).vectors
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert read_model_card(tmp_path / "prompted").max_tokens == 20 - 3
    assert prompted.embed(["dog " * 15]).truncated_tokens == 0
    assert prompted.embed(["dog " * 16]).truncated_tokens == 1


def test_several_poolings_at_once_make_a_wider_vector(load: Load, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", 32)
    pooling = folder / "1_Pooling" / "config.json"
    write_json(pooling, {**json.loads(pooling.read_text()), "pooling_mode_cls_token": True})
    assert read_model_card(folder).dimension == 64
    assert load(folder).info.dimension == 64


@pytest.mark.usefixtures("expected_warnings")
@pytest.mark.parametrize(("pooling", "prompts"), [("cls", {}), ("mean", {"query": "query: "})])
def test_the_onnx_engine_leaves_what_it_does_not_compute_to_torch(
    pooling: str, prompts: dict[str, str], tmp_path: Path
) -> None:
    folder = write_model(tmp_path / "model", pooling=pooling, prompts=prompts)
    with pytest.raises(ModelError, match="onnx engine cannot run"):
        read_architecture(folder)
    name = find_model(str(folder)).name
    choice = EmbedderChoice("onnx", str(folder), name, str(tmp_path / "prepared"), 1)
    embedder = create_embedder(choice)
    assert embedder.info.engine == "torch"
    assert "onnx engine cannot run" in embedder.info.notice
    embedder.close()


def test_weights_that_can_hide_code_are_refused_also_in_a_later_module(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    modules = json.loads((folder / "modules.json").read_text())
    dense = {"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"}
    write_json(folder / "modules.json", [*modules, dense])
    write_json(folder / "3_Dense" / "config.json", {"in_features": 32, "out_features": 16})
    (folder / "3_Dense" / "pytorch_model.bin").write_bytes(b"\x80\x02.")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin.*hide code"):
        find_model(str(folder))


def test_a_model_that_was_changed_since_it_was_named_is_not_loaded(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    name = find_model(str(folder)).name
    write_model(folder, seed=2)
    with pytest.raises(ModelError, match="has been changed while it was in use"):
        create_embedder(EmbedderChoice("torch", str(folder), name, "", 1))


def test_every_padded_length_is_met_with_the_first_documents_and_not_with_a_question(
    load: Load, tmp_path: Path
) -> None:
    embedder = load(write_model(tmp_path / "model", max_tokens=128))
    met: list[tuple[int, ...]] = []

    def note(_module: object, features: tuple[dict[str, Any], ...]) -> None:
        met.append(tuple(features[0]["input_ids"].shape))

    embedder._model[0].register_forward_pre_hook(note)
    embedder.embed(TEXTS[:1], as_query=True)
    assert met == [(1, 32)]
    embedder.embed(TEXTS[:1])
    assert met[1:] == [(2, 128), (2, 96), (2, 64), (2, 32), (1, 32)]
    embedder.embed(TEXTS[:1])
    assert met[6:] == [(1, 32)]


def test_the_device_is_chosen_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_device, "_usable", lambda: {"cuda": "torch can use a card"})
    assert choose_device("auto") == TorchDevice("cuda", "torch can use a card")
    assert choose_device("cpu").name == "cpu"
    assert choose_device("cuda").is_as_chosen
    lost = choose_device("mps")
    assert (lost.name, lost.is_as_chosen) == ("cpu", False)
    assert "Apple" in lost.reason
    monkeypatch.setattr(torch_device, "_usable", dict)
    assert choose_device("auto").name == "cpu"
    assert not choose_device("cuda").is_as_chosen


def test_a_device_that_is_not_there_gives_way_with_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_device, "_usable", dict)
    monkeypatch.setattr(torch_device, "_why_none", lambda _: "this torch knows the processor alone")
    folder = write_model(tmp_path / "model")
    embedder = TorchEmbedder(folder, "model", threads=1, device="cuda")
    assert embedder.info.device == "cpu"
    assert embedder.info.notice.startswith("The settings ask for an NVIDIA card (CUDA), but ")
    assert embedder.info.notice.endswith("processor alone.")
    embedder.close()


def test_torch_is_asked_for_its_device_in_a_process_of_its_own() -> None:
    assert ask_device("cpu") == "computes on cpu: the settings say so"
    assert ask_device("?") == "torch could not say what it computes on"
