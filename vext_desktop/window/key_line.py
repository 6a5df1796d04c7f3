"""Whether a service's key is there and where it was found; never the key itself."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QLabel, QLineEdit, QPushButton, QWidget

from vext_desktop.keys import FoundKey, has_keyring, how_to_set, store_key
from vext_desktop.window.plain_text import shown_line
from vext_desktop.window.run_job import RunJob

KeyFinder = Callable[[str], FoundKey | None]


class KeyLine(QWidget):
    """One sentence about the key of a service, and a way to store one in the system's keyring.

    Args:
        find: Finds the key of a provider; called in another thread, for keyrings take their time.
        store: Puts a key into the keyring; the system's own if None.
    """

    def __init__(self, find: KeyFinder, store: Callable[[str, str], None] = store_key) -> None:
        super().__init__()
        self._find = find
        self._store = store
        self.provider = ""
        self.job: RunJob | None = None
        self.words = QLabel()
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
            self.job = RunJob(lambda: (provider, self._find(provider)), self)
            self.job.done.connect(self._on_found)
            self.job.start()

    def join(self) -> None:
        """Wait for a look into the keyring that is going on."""
        if self.job is not None:
            self.job.join()

    @Slot(object)
    def _on_found(self, result: tuple[str, FoundKey | None]) -> None:
        self.job = None
        provider, found = result
        if provider != self.provider:
            self.show_provider(self.provider)
        elif found is not None:
            self.words.setText(shown_line(f"Its key was found in {found.source}."))
        elif provider == "ollama":
            self.words.setText("No key was found. Ollama on this computer needs none.")
        else:
            self.words.setText(f"No key was found. {how_to_set(provider)}")

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
        if not text.strip():
            return
        try:
            self._store(self.provider, text.strip())
        except OSError as error:
            self.words.setText(shown_line(f"The key was not stored: {error}"))
            return
        self.show_provider(self.provider)
