"""Models that the hub's local cache has, found by name and never fetched."""

from pathlib import Path

import pytest
from small_models import write_model

from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.hub_cache import find_in_hub_cache, is_hub_name
from vext_desktop.errors import ModelError


def cache_model(cache: Path, name: str, revision: str = "abc", *, is_main: bool = True) -> Path:
    model = cache / f"models--{name.replace('/', '--')}"
    folder = write_model(model / "snapshots" / revision)
    if is_main:
        (model / "refs").mkdir()
        (model / "refs" / "main").write_text(revision)
    return folder


def test_a_name_is_found_in_the_cache_that_the_environment_names(tmp_path: Path) -> None:
    folder = cache_model(tmp_path / "home" / "hub", "owner/small")
    cache_model(tmp_path / "home" / "hub", "owner/small", "newer", is_main=False)
    assert find_in_hub_cache("owner/small", {"HF_HOME": str(tmp_path / "home")}) == folder
    assert find_in_hub_cache("owner/small", {"HF_HUB_CACHE": str(tmp_path / "home/hub")}) == folder
    usual = cache_model(tmp_path / "st", "sentence-transformers/tiny", is_main=False)
    assert find_in_hub_cache("tiny", {"SENTENCE_TRANSFORMERS_HOME": str(tmp_path / "st")}) == usual


def test_a_name_that_is_not_here_is_told_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="never downloads") as told:
        find_model("owner/missing")
    assert "hf download owner/missing" in told.value.hint


def test_the_index_knows_a_model_of_the_hub_by_its_name_and_its_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = cache_model(tmp_path, "owner/small")
    found = find_model("owner/small")
    assert found.folder == folder
    assert found.name.startswith("owner/small (")
    write_model(folder, seed=5)
    assert find_model("owner/small").name != found.name


def test_a_path_is_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    assert is_hub_name("owner/name")
    for path in ("model", "./model", "/owner/name", "~/name", "a/b/c", ""):
        assert not is_hub_name(path)
