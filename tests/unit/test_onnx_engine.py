"""The onnx engines: the vectors of torch without torch, and nothing kept of a text."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vext_desktop.embedding import factory, onnx_agreement, onnx_prepared
from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.embedder import EmbedderInfo
from vext_desktop.embedding.factory import EmbedderChoice, create_embedder, describe_start
from vext_desktop.embedding.onnx_agreement import agreement_texts
from vext_desktop.embedding.onnx_engine import OnnxEmbedder
from vext_desktop.embedding.onnx_kind import EXACT, INT8
from vext_desktop.embedding.onnx_prepared import find_prepared
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import ModelError

SHIPPED = find_model("")


@pytest.fixture(scope="module")
def embedder(prepared_models: Path) -> Iterator[OnnxEmbedder]:
    """The shipped model, loaded once for all these tests."""
    graph_file = find_prepared(prepared_models, SHIPPED.folder, EXACT).graph_file
    loaded = OnnxEmbedder(SHIPPED.folder, graph_file, SHIPPED.name, threads=1)
    yield loaded
    loaded.close()


def test_it_says_what_it_is(embedder: OnnxEmbedder) -> None:
    assert embedder.info == EmbedderInfo(
        engine="onnx",
        model="all-MiniLM-L6-v2",
        dimension=384,
        max_tokens=256,
        tokenizer_file=str(SHIPPED.folder / "tokenizer.json"),
        device="cpu",
        sends_data_away=False,
    )


def test_its_vectors_are_those_that_torch_made(embedder: OnnxEmbedder) -> None:
    texts = agreement_texts()
    batch = embedder.embed(texts)
    validate_vectors(batch, len(texts), 384)
    reference = np.load(Path(str(onnx_agreement._place())) / onnx_agreement.VECTORS_FILE)
    np.testing.assert_allclose(batch.vectors, reference, atol=1e-5)


def test_a_vector_does_not_depend_on_its_neighbours_in_the_batch(embedder: OnnxEmbedder) -> None:
    texts = agreement_texts()[:12]
    alone = [embedder.embed([text]).vectors[0] for text in texts]
    np.testing.assert_array_equal(embedder.embed(texts).vectors, alone)


def test_no_texts_make_no_vectors(embedder: OnnxEmbedder) -> None:
    assert embedder.embed([]).vectors.shape == (0, 384)


def test_half_a_surrogate_pair_is_embedded_like_a_question_mark(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(["half \ud83d pair", "half ? pair"]).vectors
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_tokens_beyond_the_limit_are_counted_and_not_read(embedder: OnnxEmbedder) -> None:
    batch = embedder.embed(["word " * 254, "word " * 1000, "short"])
    assert batch.truncated_tokens == 1000 - 254
    np.testing.assert_array_equal(batch.vectors[0], batch.vectors[1])


def test_a_closed_engine_embeds_nothing(prepared_models: Path) -> None:
    graph_file = find_prepared(prepared_models, SHIPPED.folder, EXACT).graph_file
    closed = OnnxEmbedder(SHIPPED.folder, graph_file, SHIPPED.name, threads=1)
    closed.close()
    with pytest.raises(RuntimeError, match="closed"):
        closed.embed(["text"])


def test_no_torch_comes_into_its_process(prepared_models: Path) -> None:
    code = (
        "import sys\n"
        "from vext_desktop.embedding.factory import EmbedderChoice, create_embedder\n"
        f"create_embedder(EmbedderChoice('onnx', {str(SHIPPED.folder)!r}, 'model', "
        f"{str(prepared_models)!r})).embed(['text'])\n"
        "print({'torch', 'transformers', 'sentence_transformers', 'onnx'} & {*sys.modules})"
    )
    find_prepared(prepared_models, SHIPPED.folder, EXACT)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def choice(prepared: Path, folder: Path = SHIPPED.folder, engine: str = "onnx") -> EmbedderChoice:
    return EmbedderChoice(engine, str(folder), "model", str(prepared), 1)


@pytest.fixture
def copied(tmp_path: Path, prepared_models: Path) -> Path:
    """What was prepared of the shipped model, to be damaged; its root folder."""
    create_embedder(choice(prepared_models)).close()  # which compares its vectors, once
    graph_file = find_prepared(prepared_models, SHIPPED.folder, EXACT).graph_file
    shutil.copytree(graph_file.parent, tmp_path / "prepared" / graph_file.parent.name)
    return tmp_path / "prepared"


def test_what_has_to_be_prepared_is_said_beforehand(tmp_path: Path, copied: Path) -> None:
    assert "Preparing" in describe_start(choice(tmp_path / "empty"))
    assert describe_start(choice(copied)) == ""


@pytest.mark.parametrize("name", ["matrices.bin", "model.onnx", "prepared.json"])
def test_a_damaged_preparation_is_made_anew(copied: Path, name: str) -> None:
    (damaged,) = copied.glob(f"*/{name}")
    before = damaged.read_bytes()
    damaged.write_bytes(before[:-20] + b"x" * 20)
    found = find_prepared(copied, SHIPPED.folder, EXACT)
    assert found.folder == damaged.parent
    if name != "prepared.json":  # the vectors have to be compared anew, too
        assert damaged.read_bytes() == before
    assert found.manifest.agreement is None
    assert [place.name for place in copied.iterdir()] == [damaged.parent.name]


def test_another_runtime_has_to_agree_anew(copied: Path) -> None:
    (manifest_file,) = copied.glob("*/prepared.json")
    told = json.loads(manifest_file.read_text())
    manifest_file.write_text(json.dumps({**told, "runtime": "1.0"}))
    create_embedder(choice(copied)).close()
    assert json.loads(manifest_file.read_text()) == told


def refuse(copied: Path) -> None:
    """Let the manifest say that the vectors were others."""
    (manifest_file,) = copied.glob("*/prepared.json")
    told = json.loads(manifest_file.read_text())
    told["agreement"]["min_cosine"] = 0.98
    manifest_file.write_text(json.dumps(told))


def test_an_engine_that_disagrees_is_refused_when_torch_is_not_there(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(copied)
    monkeypatch.setattr(factory, "has_torch", lambda: False)
    with pytest.raises(ModelError, match=r"0\.9800, and must be at least 0\.9999") as caught:
        create_embedder(choice(copied))
    assert "torch" in caught.value.hint


def test_torch_takes_the_place_of_an_engine_that_disagrees(
    copied: Path, monkeypatch: pytest.MonkeyPatch, expected_warnings: list[object]
) -> None:
    refuse(copied)
    taken = []
    monkeypatch.setattr(factory, "_create_torch", lambda *given: taken.append(given))
    create_embedder(choice(copied))
    assert "does not agree" in taken[0][2]
    assert "The torch engine does the work instead" in taken[0][2]
    assert len(expected_warnings) == 1


def test_a_vector_that_is_no_number_is_refused(embedder: OnnxEmbedder) -> None:
    class Broken(OnnxEmbedder):
        def __init__(self) -> None:
            pass

        def embed(self, texts: object) -> object:
            batch = embedder.embed(agreement_texts())
            batch.vectors[3] = np.nan
            return batch

    sha256 = onnx_prepared.sha256(SHIPPED.folder / "model.safetensors")
    judged = onnx_agreement.compare_with_reference(Broken(), SHIPPED.folder, sha256)
    assert judged.compared_with == "shipped vectors of torch"
    assert (judged.texts, judged.min_cosine) == (len(agreement_texts()), -1.0)
    assert judged.shortfall(INT8)


def test_another_model_is_not_compared_where_torch_is_missing(
    embedder: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_agreement, "has_torch", lambda: False)
    judged = onnx_agreement.compare_with_reference(embedder, SHIPPED.folder, "another")
    assert not judged.shortfall(EXACT)
    assert judged.sentence == "not compared with torch, which is not installed"
