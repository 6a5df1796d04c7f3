"""Whether a service's key is there and where it was found; never the key itself."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QLabel, QLineEdit, QPushButton, QWidget

from vext_desktop.keys import FoundKey, has_keyring, how_to_set, keyring_trouble, store_key
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.run_job import RunJob

KeyFinder = Callable[[str], FoundKey | None]


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found: the key, or why the keyring has none, or why it took none."""

    provider: str
    found: FoundKey | None
    trouble: str = ""
    refusal: str = ""


class KeyLine(QWidget):
    """One sentence about the key of a service, and a way to store one in the system's keyring.

    Args:
        find: Finds the key of a provider; called in another thread, for keyrings take their time.
        store: Puts a key into the keyring; in another thread too.
        trouble: Says why the keyring cannot be asked; "" if it can.
    """

    def __init__(
        self,
        find: KeyFinder,
        store: Callable[[str, str], None] = store_key,
        trouble: Callable[[str], str] = keyring_trouble,
    ) -> None:
        super().__init__()
        self._find = find
        self._store = store
        self._trouble = trouble
        self.provider = ""
        self.job: RunJob | None = None
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.store_button = QPushButton("Store in the system keyring...")
        self.store_button.clicked.connect(self._on_store)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 0)
        row.addWidget(self.words, 1)
        row.addWidget(self.store_button)

    def show_provider(self, provider: str) -> None:
        """Look for the key of this provider; without one that needs a key, show nothing."""
        self.provider = provider
        self.setVisible(bool(provider))
        self.store_button.setVisible(has_keyring())
        if not provider:
            return
        self.words.setText("Looking for its key...")
        if self.job is None:
            self._begin(lambda: self._look(provider))

    def join(self) -> None:
        """Wait for a look into the keyring that is going on."""
        if self.job is not None:
            self.job.join()

    def _begin(self, work: Callable[[], _Look]) -> None:
        self.job = RunJob(work, self)
        self.job.done.connect(self._on_found)
        self.job.start()

    def _look(self, provider: str) -> _Look:
        """In another thread: keyrings take their time."""
        found = self._find(provider)
        return _Look(provider, found, "" if found is not None else self._trouble(provider))

    def _put(self, provider: str, text: str) -> _Look:
        """In another thread: it may have to wait until somebody unlocks the keyring."""
        try:
            self._store(provider, text)
        except OSError as error:
            return _Look(provider, self._find(provider), refusal=str(error))
        return self._look(provider)

    @Slot(object)
    def _on_found(self, look: _Look) -> None:
        self.job = None
        self.store_button.setEnabled(True)
        if look.provider != self.provider:
            self.show_provider(self.provider)
        else:
            self.words.setText(shown_line(_say(look)))

    @Slot()
    def _on_store(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Store a key")
        dialog.setLabelText("The key goes into the system's keyring, and nowhere else.")
        dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
        dialog.textValueSelected.connect(self._on_key_given)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_key_given(self, text: str) -> None:
        if not text.strip() or self.job is not None:
            return
        self.words.setText("The key is being stored...")
        self.store_button.setEnabled(False)
        provider = self.provider
        self._begin(lambda: self._put(provider, text.strip()))


def _say(look: _Look) -> str:
    found = look.found
    if look.refusal:
        other = f" Another one was found in {found.source}." if found is not None else ""
        return f"The key was not stored. {look.refusal}{other}"
    if found is not None:
        return f"Its key was found in {found.source}."
    if look.provider == "ollama":
        return "No key was found. Ollama on this computer needs none."
    return " ".join(filter(None, ("No key was found.", look.trouble, how_to_set(look.provider))))
