"""Dark and light: both palettes are complete, readable, and change with the system."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from vext_desktop.window.theme import Theme, read_palette
from vext_desktop.window.tones import is_dark

ROLE = QPalette.ColorRole
READ_ON = [
    (ROLE.WindowText, ROLE.Window),
    (ROLE.Text, ROLE.Base),
    (ROLE.ButtonText, ROLE.Button),
    (ROLE.PlaceholderText, ROLE.Base),
    (ROLE.HighlightedText, ROLE.Highlight),
    (ROLE.ToolTipText, ROLE.ToolTipBase),
    (ROLE.Link, ROLE.Base),
]


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application, whose look is put back after the test."""
    sheet, palette = qapp.styleSheet(), qapp.palette()
    yield qapp
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.1 contrast ratio, 1 to 21."""

    def luminance(colour: QColor) -> float:
        parts = [
            value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
            for value in (colour.redF(), colour.greenF(), colour.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_everything_that_is_read_has_contrast_enough(name: str) -> None:
    palette = read_palette(name)
    for front, back in READ_ON:
        ratio = contrast(palette.color(front), palette.color(back))
        assert ratio >= 4.5, f"{front} on {back}: {ratio:.1f}"


def test_the_two_palettes_are_what_their_names_say() -> None:
    assert is_dark(read_palette("dark"))
    assert not is_dark(read_palette("light"))


def test_the_colours_change_with_the_system(
    app: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme = Theme(app)
    theme.apply()
    hints = type(app.styleHints())
    for scheme, dark in ((Qt.ColorScheme.Dark, True), (Qt.ColorScheme.Light, False)):
        monkeypatch.setattr(hints, "colorScheme", lambda _self, scheme=scheme: scheme)
        app.styleHints().colorSchemeChanged.emit(scheme)
        assert is_dark(app.palette()) is dark
    assert "QProgressBar" in app.styleSheet()
    assert "@themes@" not in app.styleSheet()
    app.styleHints().colorSchemeChanged.disconnect(theme._on_scheme_changed)
    theme.deleteLater()
