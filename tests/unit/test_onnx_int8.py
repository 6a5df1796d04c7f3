"""The engine in 8 bits: nearly the vectors of torch, let in by what they reach."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vext_desktop.embedding import factory, onnx_agreement, onnx_engine, onnx_preparer
from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.factory import EmbedderChoice, create_embedder, describe_start
from vext_desktop.embedding.onnx_agreement import Agreement, agreement_texts
from vext_desktop.embedding.onnx_engine import OnnxEmbedder
from vext_desktop.embedding.onnx_kind import EXACT, INT8
from vext_desktop.embedding.onnx_prepared import MANIFEST_FILE, Manifest, find_prepared
from vext_desktop.embedding.onnx_weights import Weights
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import ModelError

SHIPPED = find_model("")


def choice(prepared: Path, engine: str = "onnx-int8") -> EmbedderChoice:
    return EmbedderChoice(engine, str(SHIPPED.folder), "model", str(prepared), 1)


@pytest.fixture(scope="module")
def embedder(prepared_models: Path) -> Iterator[OnnxEmbedder]:
    loaded = create_embedder(choice(prepared_models))
    assert isinstance(loaded, OnnxEmbedder)
    yield loaded
    loaded.close()


def test_it_says_that_it_is_the_one_in_8_bits(embedder: OnnxEmbedder) -> None:
    assert (embedder.info.engine, embedder.info.notice) == ("onnx-int8", "")


def test_its_vectors_are_nearly_those_that_torch_made(embedder: OnnxEmbedder) -> None:
    texts = agreement_texts()
    batch = embedder.embed(texts)
    validate_vectors(batch, len(texts), 384)
    reference = np.load(Path(str(onnx_agreement._place())) / onnx_agreement.VECTORS_FILE)
    cosines = (batch.vectors * reference).sum(axis=1)
    long = np.array([len(text) > 60 for text in texts])
    assert cosines[long].mean() > 0.996
    assert cosines.mean() > INT8.min_mean_cosine
    assert cosines.min() > INT8.min_cosine
    assert cosines.max() < 0.99999  # else it is the other engine


def test_a_vector_does_not_depend_on_its_neighbours_in_the_batch(embedder: OnnxEmbedder) -> None:
    texts = agreement_texts()[:12]
    alone = [embedder.embed([text]).vectors[0] for text in texts]
    np.testing.assert_array_equal(embedder.embed(texts).vectors, alone)


def test_its_network_takes_a_quarter_of_the_disk(prepared_models: Path) -> None:
    sizes = {
        kind: (find_prepared(prepared_models, SHIPPED.folder, kind).folder / "matrices.bin").stat()
        for kind in (EXACT, INT8)
    }
    assert sizes[INT8].st_size < sizes[EXACT].st_size * 0.27


@pytest.fixture
def copied(tmp_path: Path, prepared_models: Path) -> Path:
    """What was prepared of the shipped model for both engines, to be changed."""
    for kind in (EXACT, INT8):
        create_embedder(choice(prepared_models, kind.engine)).close()
        folder = find_prepared(prepared_models, SHIPPED.folder, kind).folder
        shutil.copytree(folder, tmp_path / "prepared" / folder.name)
    return tmp_path / "prepared"


def refuse(copied: Path, engine: str, **cosines: float) -> None:
    (manifest_file,) = copied.glob(f"*-{engine}-[0-9]/{MANIFEST_FILE}")
    told = json.loads(manifest_file.read_text())
    told["agreement"] |= cosines
    manifest_file.write_text(json.dumps(told))


def test_the_exact_engine_takes_the_place_of_one_that_is_too_far_off(
    copied: Path, expected_warnings: list[object]
) -> None:
    refuse(copied, "onnx-int8", mean_cosine=0.9941)
    taken = create_embedder(choice(copied))
    taken.close()
    assert taken.info.engine == "onnx"
    assert "the mean cosine is 0.9941, and must be at least 0.995" in taken.info.notice
    assert "The onnx engine does the work instead" in taken.info.notice
    assert len(expected_warnings) == 1


def test_torch_takes_the_place_where_neither_agrees(
    copied: Path, monkeypatch: pytest.MonkeyPatch, expected_warnings: list[object]
) -> None:
    refuse(copied, "onnx-int8", min_cosine=0.9)
    refuse(copied, "onnx", min_cosine=0.99)
    taken = []
    monkeypatch.setattr(factory, "_create_torch", lambda *given: taken.append(given))
    create_embedder(choice(copied))
    assert "The onnx engine does not agree" in taken[0][2]
    assert "The torch engine does the work instead" in taken[0][2]
    assert len(expected_warnings) == 2


@pytest.mark.parametrize(
    ("mean", "worst", "exact", "int8"),
    [
        (1.0, 0.99995, "", ""),
        (0.998, 0.99, "the cosine is 0.9900, and must be at least 0.9999", ""),
        (0.994, 0.99, "the cosine is", "the mean cosine is 0.9940, and must be at least 0.995"),
        (0.998, 0.97, "the cosine is", "the cosine is 0.9700, and must be at least 0.98"),
        (float("nan"), float("nan"), "the cosine is nan", "the cosine is nan"),
    ],
)
def test_each_engine_has_a_bar_of_its_own(mean: float, worst: float, exact: str, int8: str) -> None:
    found = Agreement("torch", 36, worst, mean)
    for shortfall, expected in ((found.shortfall(EXACT), exact), (found.shortfall(INT8), int8)):
        assert shortfall.startswith(expected)
        assert bool(shortfall) == bool(expected)


def test_an_agreement_that_cannot_be_noted_is_good_all_the_same(
    copied: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    expected_warnings: list[object],
) -> None:
    (manifest_file,) = copied.glob(f"*-onnx-int8-[0-9]/{MANIFEST_FILE}")
    told = json.loads(manifest_file.read_text())
    manifest_file.write_text(json.dumps({**told, "agreement": None}))

    def fail(manifest: Manifest, folder: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Manifest, "write", fail)
    with caplog.at_level(logging.WARNING):
        create_embedder(choice(copied)).close()
    assert "no space left" in caplog.text
    assert len(expected_warnings) == 1


def test_weights_are_closed_when_the_network_cannot_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Weights] = []

    def open_and_note(*given: object) -> Weights:
        opened.append(onnx_engine_open(*given))  # type: ignore[arg-type]
        return opened[-1]

    onnx_engine_open = onnx_engine.open_weights
    monkeypatch.setattr(onnx_engine, "open_weights", open_and_note)
    with pytest.raises(ModelError, match="cannot load"):
        OnnxEmbedder(SHIPPED.folder, tmp_path / "nothing.onnx", SHIPPED.name)
    assert [weights._stream.closed for weights in opened] == [True]


def test_what_no_engine_uses_any_more_is_removed_when_something_is_prepared(copied: Path) -> None:
    kept = {folder.name for folder in copied.iterdir()}
    (exact,) = copied.glob("*-onnx-[0-9]")
    older = shutil.copytree(exact, copied / f"{exact.name[:-1]}0")
    without_manifest = copied / "model-12345678-1"
    without_manifest.mkdir()
    gone = shutil.copytree(exact, copied / exact.name.replace("model-", "gone-"))
    told = json.loads((gone / MANIFEST_FILE).read_text())
    (gone / MANIFEST_FILE).write_text(json.dumps({**told, "model_folder": "/not/there"}))
    working = copied / f".draft-{1}-abc"  # of a process that always runs
    working.mkdir()
    onnx_preparer.remove_unused(copied)
    assert {folder.name for folder in copied.iterdir()} == kept | {working.name}
    assert not older.exists()


def test_preparing_is_said_for_each_engine_beforehand(tmp_path: Path, copied: Path) -> None:
    shutil.rmtree(find_prepared(copied, SHIPPED.folder, INT8).folder)
    assert "Preparing" in describe_start(choice(copied))
    assert describe_start(choice(copied, "onnx")) == ""
