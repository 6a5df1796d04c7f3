"""The keys of services: where they are found, and how they are kept from view.

A key is no setting: nothing here ever writes one to a file. It is found anew whenever the process
that needs it is started, goes there over a private channel, and is in no repr.
"""

import importlib.util
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from vext_desktop.packaged import is_packaged

# The names that the services' own libraries read; the first one is named in hints.
KEY_VARIABLES: dict[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "ollama": ("OLLAMA_API_KEY",),
}
# What a key lies under in the system's keyring; the user name is the provider's.
KEYRING_NAME = "vext-desktop"

logger = logging.getLogger("vext.embedding")


class SecretKey:
    """A key that shows itself only to whoever asks for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The key itself."""
        return self._text

    def __repr__(self) -> str:
        return "SecretKey(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written down")

    @property
    def is_sound(self) -> bool:
        """Whether it can stand in a request: visible ASCII, no blanks."""
        return self._text.isascii() and self._text.isprintable() and " " not in self._text


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key, and where it was found, in words."""

    key: SecretKey
    source: str


def read_keyring(provider: str) -> str | None:
    """What the system's keyring has for a provider; None without the `keyring` package."""
    try:
        import keyring  # noqa: PLC0415 - an optional package, and a slow one
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(KEYRING_NAME, provider)
    except Exception as error:  # noqa: BLE001 - each system's keyring fails in ways of its own
        logger.info("the keyring could not be asked: %s", type(error).__name__)
        return None
    return found


def keyring_trouble(provider: str) -> str:
    """Why the system's keyring cannot be asked for a provider's key, in a sentence; "" if it can.

    Without the `keyring` package there is none, and no trouble either.
    """
    try:
        import keyring  # noqa: PLC0415 - an optional package, and a slow one
    except ImportError:
        return ""
    try:
        keyring.get_password(KEYRING_NAME, provider)
    except Exception as error:  # noqa: BLE001 - see `read_keyring`
        return _trouble(error)
    return ""


def has_keyring() -> bool:
    """Whether the `keyring` package is installed; quick, since it is not imported."""
    return importlib.util.find_spec("keyring") is not None


def store_key(provider: str, text: str) -> None:
    """Put the key of a provider into the system's keyring, and nowhere else.

    Raises:
        OSError: The keyring does not take it; its text is a sentence for people.
    """
    import keyring  # noqa: PLC0415 - an optional package, and a slow one

    try:
        keyring.set_password(KEYRING_NAME, provider, text)
    except Exception as error:
        raise OSError(_trouble(error)) from error


def find_key(
    provider: str,
    dotenv_files: tuple[Path, ...] = (),
    environment: Mapping[str, str] | None = None,
    ask_keyring: Callable[[str], str | None] = read_keyring,
) -> FoundKey | None:
    """Find the key of a provider: environment over `.env` files over the system's keyring.

    Args:
        provider: Its name in the settings.
        dotenv_files: `.env` files, the first one winning; need not exist.
        environment: Environment variables; the process's own if None.
        ask_keyring: Reads the keyring.
    """
    environment = os.environ if environment is None else environment
    names = KEY_VARIABLES.get(provider, ())
    for source, variables in [
        ("the environment", environment),
        *((str(path), _read_dotenv(path)) for path in dotenv_files if path.is_file()),
    ]:
        for name in names:
            text = (variables.get(name) or "").strip()
            if text:
                return FoundKey(SecretKey(text), source)
    stored = (ask_keyring(provider) or "").strip() if names else ""
    return FoundKey(SecretKey(stored), "the system's keyring") if stored else None


def how_to_set(provider: str) -> str:
    """What to do to give the program a key, in a sentence."""
    if is_packaged():
        keyring = "the window does that under File > Settings."
    else:
        install = "" if has_keyring() else "pip install keyring, then "
        keyring = f'{install}"keyring set {KEYRING_NAME} {provider}".'
    return (
        f"Set {KEY_VARIABLES[provider][0]} in the environment or in a .env file, or put the key "
        f"into the system's keyring: {keyring}"
    )


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables without those that hold keys: a child gets its key another way, or none."""
    hidden = {name for names in KEY_VARIABLES.values() for name in names}
    return {name: value for name, value in environment.items() if name not in hidden}


def _trouble(error: Exception) -> str:
    """What an error of the keyring means; never its own text, in which a key could stand."""
    meanings = {
        "NoKeyringError": "This system has no keyring that programs can use.",
        "KeyringLocked": "The system's keyring is locked: unlock it, then try again.",
        "InitError": "The system's keyring could not be opened.",
        "PasswordSetError": "The system's keyring has refused it.",
    }
    kind = type(error).__name__
    return meanings.get(kind, f"The system's keyring does not answer as it should ({kind}).")


def _read_dotenv(path: Path) -> dict[str, str | None]:
    from dotenv import dotenv_values  # noqa: PLC0415 - the launcher of children needs none

    try:
        return dict(dotenv_values(path, interpolate=False))
    except (OSError, UnicodeDecodeError):
        return {}  # the settings are read from the same file, and leave a notice
