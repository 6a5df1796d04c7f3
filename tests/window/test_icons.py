"""Icons: every name that the window uses has a file, and its colour follows the palette."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPalette
from PySide6.QtWidgets import QApplication

import vext_desktop.window
from vext_desktop.window.icons import draw_app_icon, load_app_icon, load_icon, read_svg
from vext_desktop.window.theme import read_palette

SOURCES = Path(vext_desktop.window.__file__).parent


def colours_in(image: QImage) -> set[str]:
    """The colours of all opaque pixels."""
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_every_icon_that_is_asked_for_by_name_is_there() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    names = set(re.findall(r'load_icon\("([a-z-]+)"\)', text))
    assert len(names) > 5
    for name in names:
        assert not load_icon(name).pixmap(16, 16).isNull()


def test_a_name_without_a_file_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        load_icon("no-such-icon")


def test_an_icon_is_drawn_in_the_colour_of_the_palette_of_the_moment(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    icon = load_icon("stop")
    before = QApplication.palette()
    try:
        for colour in ("#102030", "#e0f0d0"):
            palette = QPalette(before)
            palette.setColor(QPalette.ColorRole.ButtonText, QColor(colour))
            QApplication.setPalette(palette)
            assert colours_in(icon.pixmap(QSize(64, 64)).toImage()) == {colour}
    finally:
        QApplication.setPalette(before)


def test_a_disabled_icon_looks_disabled(qapp: QApplication) -> None:
    icon = load_icon("stop")
    normal = icon.pixmap(QSize(32, 32), QIcon.Mode.Normal).toImage()
    assert icon.pixmap(QSize(32, 32), QIcon.Mode.Disabled).toImage() != normal


def test_an_icon_is_sharp_on_a_fine_screen(qapp: QApplication) -> None:
    pixmap = load_icon("stop").pixmap(QSize(16, 16), 2.0)
    assert pixmap.size() == QSize(32, 32)
    assert pixmap.devicePixelRatio() == 2.0


def test_the_app_icon_keeps_its_own_colours(qapp: QApplication) -> None:
    assert len(colours_in(load_app_icon().pixmap(64, 64).toImage())) > 10


def test_the_programs_icon_is_there_for_light_dark_and_one_colour(qapp: QApplication) -> None:
    light, dark = read_palette("light"), read_palette("dark")
    drawn = [draw_app_icon(64, palette).toImage() for palette in (light, dark)]
    assert drawn[0] != drawn[1]
    assert draw_app_icon(64, dark, 2.0).size() == QSize(128, 128)
    symbolic = re.findall(r'(?:fill|stroke)="(#[0-9a-f]+)"', read_svg("vext-desktop-symbolic"))
    assert symbolic == ["#2e3436"]  # the one colour that desktops replace by their own
