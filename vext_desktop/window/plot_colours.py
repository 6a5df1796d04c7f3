"""Colours, dashes and symbols of the memory plots, for light and dark windows."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette

from vext_desktop.memory.curves import TOTAL
from vext_desktop.memory.event_marks import EventKind
from vext_desktop.readings import ProcessRole

# A line is known by its dashes and its place in the legend, never by colour alone.
LINE_STYLES = {
    TOTAL: Qt.PenStyle.SolidLine,
    ProcessRole.WINDOW.value: Qt.PenStyle.DashLine,
    ProcessRole.ENGINE.value: Qt.PenStyle.DashDotLine,
    ProcessRole.READER.value: Qt.PenStyle.DotLine,
}
LINE_NAMES = {
    TOTAL: "total",
    ProcessRole.WINDOW.value: "window",
    ProcessRole.ENGINE.value: "engine",
    ProcessRole.READER.value: "reader",
}
LINE_WIDTHS = {line: 2.0 if line == TOTAL else 1.0 for line in LINE_NAMES}
# Names of pyqtgraph's symbols. Batches and file starts are ticks at the head of the plot.
MARK_SYMBOLS = {
    EventKind.CLEANUP: "t",
    EventKind.RELOAD: "d",
    EventKind.PROCESS_START: "t2",
    EventKind.PAUSE: "s",
    EventKind.WARNING: "t1",
    EventKind.VERDICT: "o",
    EventKind.CRASH: "x",
}
TICK_NAMES = {EventKind.BATCH: "batches", EventKind.FILE_START: "files begun"}


@dataclass(frozen=True, slots=True)
class PlotColours:
    """What a plot is painted with, as HTML colours.

    The hues are those of Okabe and Ito (2008, "Color Universal Design"), which people with any
    kind of colour blindness can tell apart, darkened or lightened for contrast with the ground.
    """

    ground: str
    text: str
    faint: str
    limit: str
    focus: str
    lines: dict[str, str]
    marks: dict[EventKind, str]


LIGHT = PlotColours(
    ground="#ffffff",
    text="#222222",
    faint="#8a8a8a",
    limit="#a33a00",
    focus="#2c5fd6",
    lines={TOTAL: "#111111", "window": "#0072b2", "engine": "#c24f00", "reader": "#00795a"},
    marks={
        EventKind.CLEANUP: "#009e73",
        EventKind.RELOAD: "#0072b2",
        EventKind.PROCESS_START: "#8a8a8a",
        EventKind.PAUSE: "#cc79a7",
        EventKind.WARNING: "#e69f00",
        EventKind.VERDICT: "#009e73",
        EventKind.CRASH: "#c00000",
    },
)
DARK = PlotColours(
    ground="#1b1d20",
    text="#e4e4e4",
    faint="#8f949b",
    limit="#ff9a5c",
    focus="#6f9bff",
    lines={TOTAL: "#f5f5f5", "window": "#56b4e9", "engine": "#f0a030", "reader": "#3ed6a4"},
    marks={
        EventKind.CLEANUP: "#3ed6a4",
        EventKind.RELOAD: "#56b4e9",
        EventKind.PROCESS_START: "#8f949b",
        EventKind.PAUSE: "#dd94bd",
        EventKind.WARNING: "#f0e442",
        EventKind.VERDICT: "#3ed6a4",
        EventKind.CRASH: "#ff6b6b",
    },
)


def colours_for(palette: QPalette) -> PlotColours:
    """The set that goes with a window's palette."""
    ground: QColor = palette.color(QPalette.ColorRole.Base)
    return DARK if ground.lightness() < 128 else LIGHT
