"""Where keys are found, and that they stay hidden."""

import pickle
import re
import sys
import types
from pathlib import Path

import pytest

from vext_desktop.keys import (
    SecretKey,
    find_key,
    how_to_set,
    keyring_trouble,
    read_keyring,
    store_key,
    without_keys,
)


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


def keyring_that(monkeypatch: pytest.MonkeyPatch, fails_with: str = "") -> dict[str, str]:
    """A stand-in for the package that keeps what it is given, or fails as this error does."""
    kept: dict[str, str] = {}
    error = type(fails_with or "NoError", (Exception,), {})

    def put(_name: str, provider: str, text: str) -> None:
        if fails_with:
            raise error(f"secret words of {provider}")
        kept[provider] = text

    def look(_name: str, provider: str) -> str | None:
        if fails_with:
            raise error("secret words")
        return kept.get(provider)

    module = types.ModuleType("keyring")
    module.set_password, module.get_password = put, look  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    return kept


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NoKeyringError", "no keyring that programs can use"),
        ("KeyringLocked", "is locked: unlock it"),
        ("InitError", "could not be opened"),
        ("PasswordSetError", "has refused it"),
        ("DBusErrorResponse", "does not answer as it should (DBusErrorResponse)"),
    ],
)
def test_a_keyring_that_fails_is_a_sentence_without_what_it_said(
    monkeypatch: pytest.MonkeyPatch, error: str, words: str
) -> None:
    keyring_that(monkeypatch, error)
    assert read_keyring("openai") is None
    assert words in keyring_trouble("openai")
    with pytest.raises(OSError, match=re.escape(words)) as refused:
        store_key("openai", "sk-1")
    assert "secret" not in f"{keyring_trouble('openai')} {refused.value}"


def test_a_keyring_that_works_has_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keyring_that(monkeypatch)
    store_key("openai", "sk-1")
    assert kept == {"openai": "sk-1"}
    assert (read_keyring("openai"), keyring_trouble("cohere")) == ("sk-1", "")
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert keyring_trouble("openai") == ""


def test_the_real_package_keeps_and_fails_as_its_stand_in_does() -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend
    from keyring.backends.fail import Keyring as NoKeyring

    class InMemory(KeyringBackend):  # type: ignore[misc]
        priority = 1

        def __init__(self) -> None:
            super().__init__()
            self.kept: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

    before = keyring.get_keyring()
    try:
        keyring.set_keyring(InMemory())
        store_key("openai", "sk-1")
        found = find_key("openai", (), {})
        assert found is not None
        assert (found.key.reveal(), found.source) == ("sk-1", "the system's keyring")
        keyring.set_keyring(NoKeyring())
        assert find_key("openai", (), {}) is None
        assert "no keyring that programs can use" in keyring_trouble("openai")
        with pytest.raises(OSError, match="no keyring that programs can use"):
            store_key("openai", "sk-1")
    finally:
        keyring.set_keyring(before)
