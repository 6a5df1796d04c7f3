"""The state of a file in a word and an icon: never in a colour alone."""

from PySide6.QtGui import QIcon, QPalette

from vext_desktop.outcomes import Outcome
from vext_desktop.window.icons import draw_icon
from vext_desktop.window.tones import is_dark, muted_text

ICON_SIZE = 16
SCALES = (1.0, 2.0)


def state_word(state: Outcome) -> str:
    """The state as it stands in a table: "Indexed", "No text layer"."""
    return Outcome.INDEXED.value.capitalize() if state is Outcome.UNCHANGED else _word(state)


def state_icon_name(state: Outcome) -> str:
    """Which of our icons stands for a state."""
    if state in {Outcome.INDEXED, Outcome.UNCHANGED}:
        return "check"
    if state.is_set_aside:
        return "warning"
    return {Outcome.OFFLINE: "folder-offline", Outcome.IGNORED: "ignore"}.get(state, "waiting")


def draw_state_icon(name: str, palette: QPalette) -> QIcon:
    """An icon in the colour of its state, for ground as dark or light as the palette's."""
    green, amber = ("#4cc38a", "#f0b429") if is_dark(palette) else ("#1f8a4c", "#b76e00")
    colour = {"check": green, "warning": amber}.get(name, muted_text(palette).name())
    icon = QIcon()
    for scale in SCALES:
        pixmap = draw_icon(name, ICON_SIZE, colour, scale)
        # The same in every mode: a selected row keeps the colour of its state.
        icon.addPixmap(pixmap, QIcon.Mode.Normal)
        icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def _word(state: Outcome) -> str:
    return state.words.capitalize()
