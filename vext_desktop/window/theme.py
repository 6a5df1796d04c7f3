"""Dark or light, as the system says."""

import json
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from vext_desktop.window.tones import is_dark

# Styles that draw as their system does keep its colours too.
NATIVE_STYLES = frozenset({"macos", "windows", "windows11", "windowsvista"})


class Theme(QObject):
    """Gives the application its colours, and new ones when the system changes between the two.

    Args:
        app: The application to colour; also the owner.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        # Asked before there is a style sheet, which wraps the style in another one.
        self._is_native = app.style().objectName().lower() in NATIVE_STYLES

    def apply(self) -> None:
        """Set palette and style sheet, and follow the system from now on."""
        self._colour()
        sheet = (_themes() / "window.qss").read_text(encoding="utf-8")
        self._app.setStyleSheet(sheet.replace("@themes@", _themes().as_posix()))
        self._app.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)

    @Slot()
    def _on_scheme_changed(self) -> None:
        # The sheet names palette colours: it has to be read again to take the new ones. It goes
        # before the palette comes, or labels with a palette of their own keep their old colours.
        sheet = self._app.styleSheet()
        self._app.setStyleSheet("")
        self._colour()
        self._app.setStyleSheet(sheet)

    def _colour(self) -> None:
        if self._is_native:
            return
        scheme = self._app.styleHints().colorScheme()
        if scheme is Qt.ColorScheme.Unknown:
            # A desktop that says nothing may still have given us a dark palette.
            wants_dark = is_dark(self._app.style().standardPalette())
        else:
            wants_dark = scheme is Qt.ColorScheme.Dark
        self._app.setPalette(read_palette("dark" if wants_dark else "light"))


def read_palette(name: str) -> QPalette:
    """The palette of `resources/themes/NAME.json`: a colour for each role, one for disabled."""
    colours: dict[str, str] = json.loads((_themes() / f"{name}.json").read_text(encoding="utf-8"))
    disabled = QColor(colours.pop("disabled"))
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(QPalette.ColorRole[role], QColor(colour))
    for role in ("WindowText", "Text", "ButtonText", "HighlightedText", "PlaceholderText"):
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], disabled)
    return palette


def _themes() -> Path:
    # A folder of files, also in a frozen program: the style sheet names a picture in it.
    return Path(str(resources.files("vext_desktop.resources"))) / "themes"
