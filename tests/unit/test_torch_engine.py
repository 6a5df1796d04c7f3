"""The torch engine: vectors as of plain sentence-transformers, and nothing kept of a batch."""

import gc
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.embedder import EmbedderInfo
from vext_desktop.embedding.factory import EmbedderChoice, create_embedder
from vext_desktop.embedding.torch_engine import TorchEmbedder
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import ModelError

TEXTS = [
    "Vext Desktop",
    "",
    "The quick brown fox jumps over the lazy dog. " * 3,
    "   leading and trailing space \n\n",
    "Der Vertrag läuft am 31. Dezember aus.",
    "会議は来週の火曜日に開かれます。" * 10,
    "def embed(self, texts): return self._model.encode(texts)\n" * 8,
    "word " * 1000,
    "x" * 5000,
]


def refuse_connection(*_: object) -> None:
    raise AssertionError("the engine wants the network")


@pytest.fixture(scope="session")
def embedder() -> Iterator[TorchEmbedder]:
    """The shipped model, loaded once for all these tests, without any network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse_connection)
        patch.setattr(socket, "getaddrinfo", refuse_connection)
        model = find_model("")
        # One thread: two would wait for each other on a machine that is busy otherwise.
        loaded = TorchEmbedder(model.folder, model.name, threads=1)
    yield loaded
    loaded.close()


def count_tensors() -> int:
    import torch

    gc.collect()
    # By type: isinstance() would wake torch's deprecated objects, which warn when touched.
    return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())


def test_it_says_what_it_is(embedder: TorchEmbedder) -> None:
    assert embedder.info == EmbedderInfo(
        engine="torch",
        model="all-MiniLM-L6-v2",
        dimension=384,
        max_tokens=256,
        tokenizer_file=str(find_model("").folder / "tokenizer.json"),
        device=embedder.info.device,
        sends_data_away=False,
        device_reason=embedder.info.device_reason,
    )
    assert embedder.info.device_reason
    assert Path(embedder.info.tokenizer_file).is_file()


def test_vectors_are_those_of_plain_sentence_transformers(embedder: TorchEmbedder) -> None:
    batch = embedder.embed(TEXTS)
    validate_vectors(batch, len(TEXTS), 384)
    plain = embedder._model.encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(batch.vectors, plain, atol=1e-5)


def test_a_vector_does_not_depend_on_its_neighbours_in_the_batch(embedder: TorchEmbedder) -> None:
    together = embedder.embed(TEXTS).vectors
    alone = np.concatenate([embedder.embed([text]).vectors for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_texts_are_padded_to_few_lengths(
    embedder: TorchEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: set[int] = set()
    forward = embedder._model.forward

    def note_length(features: dict, **others: object) -> object:
        lengths.add(features["input_ids"].shape[1])
        return forward(features, **others)

    monkeypatch.setattr(embedder._model, "forward", note_length)
    for words in range(1, 300, 23):
        embedder.embed(["word " * words])
    assert lengths == {32, 64, 96, 128, 160, 192, 224, 256}


def test_the_result_is_an_array_of_its_own(embedder: TorchEmbedder) -> None:
    vectors = embedder.embed(TEXTS).vectors
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    assert vectors.flags.owndata


def test_no_texts_make_no_vectors(embedder: TorchEmbedder) -> None:
    batch = embedder.embed([])
    assert batch.vectors.shape == (0, 384)
    assert batch.truncated_tokens == 0


def test_tokens_beyond_the_limit_are_counted(embedder: TorchEmbedder) -> None:
    # "word" is one token; [CLS] and [SEP] take two of the 256.
    assert embedder.embed(["word " * 254]).truncated_tokens == 0
    assert embedder.embed(["word " * 255]).truncated_tokens == 1
    assert embedder.embed(["word " * 1000, "short", "word " * 300]).truncated_tokens == 746 + 46


def test_counting_leaves_the_truncation_of_the_model_as_it_was(embedder: TorchEmbedder) -> None:
    first = embedder.embed(["word " * 1000]).vectors
    np.testing.assert_array_equal(embedder.embed(["word " * 1000]).vectors, first)


def test_a_very_long_text_is_embedded_by_its_beginning(embedder: TorchEmbedder) -> None:
    text = "word " * 254
    batch = embedder.embed([text + "another " * 100_000, text])
    np.testing.assert_allclose(batch.vectors[0], batch.vectors[1], atol=1e-5)
    assert batch.truncated_tokens == 100_000


def test_half_a_surrogate_pair_is_no_obstacle(embedder: TorchEmbedder) -> None:
    batch = embedder.embed(["before \ud83d after", "\udfff"])
    validate_vectors(batch, 2, 384)
    assert batch.truncated_tokens == 0


def test_no_tensor_survives_a_batch(embedder: TorchEmbedder) -> None:
    embedder.embed(TEXTS)
    before = count_tensors()
    kept = [embedder.embed(TEXTS[:size]) for size in (1, 4, 7)]
    assert count_tensors() == before
    assert before > 0
    assert len(kept) == 3


def test_the_number_of_threads_can_be_chosen(embedder: TorchEmbedder) -> None:
    import torch

    assert torch.get_num_threads() == 1
    model = find_model("")
    try:
        TorchEmbedder(model.folder, model.name, threads=2).close()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)


def test_the_libraries_are_told_to_stay_offline(embedder: TorchEmbedder) -> None:
    from huggingface_hub import constants

    assert constants.HF_HUB_OFFLINE
    assert os.environ["TOKENIZERS_PARALLELISM"] == "false"


def test_loading_and_embedding_print_nothing(
    embedder: TorchEmbedder, capfd: pytest.CaptureFixture[str]
) -> None:
    model = find_model("")
    another = TorchEmbedder(model.folder, model.name)
    another.embed(["Vext Desktop"])
    another.close()
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == ""


def test_a_model_that_cannot_be_loaded_is_a_sentence(
    embedder: TorchEmbedder, tmp_path: Path
) -> None:
    for source in find_model("").folder.glob("*.json"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"no tensors")
    (tmp_path / "modules.json").write_text(
        '[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]'
    )
    with pytest.raises(ModelError, match="could not be loaded"):
        create_embedder(EmbedderChoice("torch", str(tmp_path), "broken", ""))


def test_a_missing_library_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    model = find_model("")
    with pytest.raises(ModelError, match="torch engine cannot start") as caught:
        create_embedder(EmbedderChoice("torch", str(model.folder), model.name, ""))
    assert "pip install" in caught.value.hint


def test_an_unknown_engine_is_told() -> None:
    with pytest.raises(ModelError, match='no engine "magic"'):
        create_embedder(EmbedderChoice("magic", "", "", ""))


def test_a_choice_survives_the_way_to_the_child() -> None:
    choice = EmbedderChoice("torch", "folder", "name", "prepared", 2)
    assert EmbedderChoice.from_json(choice.to_json()) == choice
