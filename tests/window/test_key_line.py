"""The key of a service: found, missing, stored, refused; each in a sentence."""

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from vext_desktop.keys import FoundKey, SecretKey
from vext_desktop.window.key_line import KeyLine

LOCKED = "The system's keyring is locked: unlock it, then try again."
Opener = Callable[..., KeyLine]


class Safe:
    """A keyring that may be locked, beside a `.env` file that may have a key too."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_locked = False
        self.elsewhere: FoundKey | None = None

    def find(self, provider: str) -> FoundKey | None:
        text = None if self.is_locked else self.kept.get(provider)
        return FoundKey(SecretKey(text), "the system's keyring") if text else self.elsewhere

    def store(self, provider: str, text: str) -> None:
        if self.is_locked:
            raise OSError(LOCKED)
        self.kept[provider] = text

    def trouble(self, _provider: str) -> str:
        return LOCKED if self.is_locked else ""


@pytest.fixture
def safe() -> Safe:
    return Safe()


@pytest.fixture
def line(qtbot: QtBot, safe: Safe) -> Iterator[KeyLine]:
    line = KeyLine(safe.find, safe.store, safe.trouble)
    qtbot.addWidget(line)
    yield line
    line.join()


def words_for(qtbot: QtBot, line: KeyLine, provider: str) -> str:
    line.show_provider(provider)
    qtbot.waitUntil(lambda: line.job is None)
    return line.words.text()


def give(qtbot: QtBot, line: KeyLine, text: str) -> str:
    line._on_key_given(text)
    qtbot.waitUntil(lambda: line.job is None)
    return line.words.text()


def test_a_key_that_is_stored_is_found_in_the_keyring(
    qtbot: QtBot, line: KeyLine, safe: Safe
) -> None:
    assert words_for(qtbot, line, "openai").startswith("No key was found. Set OPENAI_API_KEY")
    assert give(qtbot, line, "  sk-1 ") == "Its key was found in the system's keyring."
    assert safe.kept == {"openai": "sk-1"}
    assert line.store_button.isEnabled()


def test_a_locked_keyring_says_so_and_keeps_nothing(
    qtbot: QtBot, line: KeyLine, safe: Safe
) -> None:
    safe.is_locked = True
    assert words_for(qtbot, line, "openai").startswith(f"No key was found. {LOCKED} Set ")
    assert give(qtbot, line, "sk-1") == f"The key was not stored. {LOCKED}"
    safe.elsewhere = FoundKey(SecretKey("sk-2"), "/home/me/.env")
    assert give(qtbot, line, "sk-1").endswith(f"{LOCKED} Another one was found in /home/me/.env.")
    assert safe.kept == {}


def test_ollama_needs_no_keyring_and_yet_tells_why_a_key_was_not_stored(
    qtbot: QtBot, line: KeyLine, safe: Safe
) -> None:
    safe.is_locked = True
    assert words_for(qtbot, line, "ollama") == (
        "No key was found. Ollama on this computer needs none."
    )
    assert give(qtbot, line, "sk-1") == f"The key was not stored. {LOCKED}"


def test_the_window_does_not_wait_for_the_keyring(qtbot: QtBot, line: KeyLine) -> None:
    words_for(qtbot, line, "openai")
    line._on_key_given("sk-1")
    assert line.words.text() == "The key is being stored..."
    assert not line.store_button.isEnabled()
    qtbot.waitUntil(lambda: line.job is None)
