"""Where keys are found, and that they stay hidden."""

import pickle
from pathlib import Path

import pytest

from vext_desktop.keys import SecretKey, find_key, how_to_set, read_keyring, without_keys


def nothing_stored(_provider: str) -> None:
    return None


def test_the_environment_wins_over_env_files_and_these_over_the_keyring(tmp_path: Path) -> None:
    first, second = tmp_path / "first.env", tmp_path / "second.env"
    first.write_text("OPENAI_API_KEY=in-first\n")
    second.write_text("OPENAI_API_KEY=in-second\nCO_API_KEY=for-cohere\n")
    files = (first, second)

    def found(provider: str, environment: dict[str, str], paths: tuple[Path, ...]) -> object:
        key = find_key(provider, paths, environment, lambda one: f"stored-for-{one}")
        return (key.key.reveal(), key.source) if key else None

    assert found("openai", {"OPENAI_API_KEY": " given "}, files) == ("given", "the environment")
    assert found("openai", {"OPENAI_API_KEY": ""}, files) == ("in-first", str(first))
    assert found("cohere", {}, files) == ("for-cohere", str(second))
    assert found("openai", {}, ()) == ("stored-for-openai", "the system's keyring")


def test_the_second_name_of_a_key_counts_where_the_first_is_not_set() -> None:
    found = find_key("cohere", (), {"CO_API_KEY": "short", "COHERE_API_KEY": "long"})
    assert found is not None
    assert found.key.reveal() == "long"


def test_a_key_that_is_nowhere_is_none() -> None:
    assert find_key("openai", (), {}, nothing_stored) is None
    assert find_key("huggingface", (), {}, lambda _provider: "whatever") is None
    assert "OPENAI_API_KEY" in how_to_set("openai")


def test_without_the_keyring_package_nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    assert read_keyring("openai") is None


def test_a_key_does_not_show_itself_and_is_not_written_down() -> None:
    key = SecretKey("sk-secret-words")
    assert "secret-words" not in f"{key} {key!r}"
    with pytest.raises(TypeError, match="not written down"):
        pickle.dumps(key)


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "schl\u00fcssel", "tab\there"])
def test_what_cannot_stand_in_a_request_is_no_key(text: str) -> None:
    assert not SecretKey(text).is_sound
    assert SecretKey("sk-abc_123.x").is_sound


def test_children_do_not_inherit_keys() -> None:
    kept = without_keys({"PATH": "/bin", "OPENAI_API_KEY": "a", "CO_API_KEY": "b"})
    assert kept == {"PATH": "/bin"}
