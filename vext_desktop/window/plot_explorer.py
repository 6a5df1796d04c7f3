"""Walks over the plots by keys and tells where one stands: moment, batch and file."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from vext_desktop.memory.curves import Measure
from vext_desktop.memory.event_marks import MARK_NAMES, EventMark
from vext_desktop.memory.history import MemoryHistory
from vext_desktop.memory.mark_writer import describe_mark, describe_peak, describe_point
from vext_desktop.memory.time_cursor import TimeCursor
from vext_desktop.window.plot_colours import TICK_NAMES
from vext_desktop.window.plot_keys import PlotAction
from vext_desktop.window.time_controls import TimeControls

if TYPE_CHECKING:
    from collections.abc import Callable

ZOOM_STEP = 0.5
PAN_STEP = 0.25
NAMES = {**MARK_NAMES, **TICK_NAMES}


class PlotExplorer(QObject):
    """Carries out what keys, clicks and the peak button ask.

    Args:
        history: What is shown.
        time: Moves the view.
        parent: The owner.
    """

    place_chosen = Signal(float, str)  # seconds since the origin; what is there, in a sentence
    told = Signal(str)  # something to know, without a place

    def __init__(
        self, history: MemoryHistory, time: TimeControls, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._time = time
        self._cursor = TimeCursor(history)
        self.measure = Measure.RSS
        self._steps: dict[PlotAction, Callable[[], None]] = {
            PlotAction.NEXT: lambda: self._step_mark(forward=True),
            PlotAction.PREVIOUS: lambda: self._step_mark(forward=False),
            PlotAction.NEXT_SAMPLE: lambda: self._step_sample(forward=True),
            PlotAction.PREVIOUS_SAMPLE: lambda: self._step_sample(forward=False),
            PlotAction.FIRST: lambda: self._show_end(forward=False),
            PlotAction.LAST: lambda: self._show_end(forward=True),
            PlotAction.NEXT_KIND: lambda: self._choose_kind(1),
            PlotAction.PREVIOUS_KIND: lambda: self._choose_kind(-1),
            PlotAction.ZOOM_IN: lambda: self._time.zoom(ZOOM_STEP, self._cursor.time_s),
            PlotAction.ZOOM_OUT: lambda: self._time.zoom(1 / ZOOM_STEP, self._cursor.time_s),
            PlotAction.PAN_LEFT: lambda: self._time.pan(-PAN_STEP),
            PlotAction.PAN_RIGHT: lambda: self._time.pan(PAN_STEP),
            PlotAction.PEAK: self.show_peak,
            PlotAction.FOLLOW: self._toggle_following,
        }

    @property
    def time_s(self) -> float | None:
        """Where it stands, in seconds since the origin of the history."""
        return self._cursor.time_s

    @Slot(object)
    def carry_out(self, action: PlotAction) -> None:
        """Do what a key asks."""
        self._steps[action]()

    def stand_at(self, time_s: float, sentence: str) -> None:
        """Go to a moment of which somebody else knows what to say."""
        self._cursor.put(time_s)
        self._arrive(sentence)

    @Slot(object)
    def show_mark(self, mark: EventMark) -> None:
        """Go to a mark and say what it stands for."""
        self._cursor.put(self._history.time_of(mark), mark)
        self._arrive(describe_mark(self._history, mark))

    @Slot(str, float)
    def show_moment(self, measure: str, time_s: float) -> None:
        """Go to a moment and say what one measure was then."""
        self.measure = Measure(measure)
        self._cursor.put(time_s)
        self._arrive(describe_point(self._history, self.measure, time_s))

    @Slot()
    def show_peak(self) -> None:
        """Go to the highest RSS in view and name its batch and file."""
        start, end = self._time.time_range
        time_s = self._cursor.go_to_peak(start, end)
        if time_s is None:
            self.told.emit("Nothing has been measured in this stretch of time.")
            return
        self._arrive(describe_peak(self._history, time_s))

    def _arrive(self, sentence: str) -> None:
        time_s = self._cursor.time_s
        if time_s is not None:
            self._time.bring_into_view(time_s)
            self.place_chosen.emit(time_s, sentence)

    def _step_mark(self, *, forward: bool) -> None:
        mark = self._cursor.go_to_mark(forward=forward)
        if mark is not None:
            self._arrive(describe_mark(self._history, mark))
            return
        kind = self._cursor.kind
        of_kind = "" if kind is None else f" of the kind: {NAMES[kind]}"
        self.told.emit(f"There is no {'later' if forward else 'earlier'} mark{of_kind}.")

    def _step_sample(self, *, forward: bool) -> None:
        time_s = self._cursor.go_to_sample(forward=forward)
        if time_s is None:
            self.told.emit(f"This is the {'last' if forward else 'first'} sample.")
        else:
            self._arrive(describe_point(self._history, self.measure, time_s))

    def _show_end(self, *, forward: bool) -> None:
        mark = self._cursor.go_to_last_mark(forward=forward)
        if mark is None:
            self.told.emit("There are no marks yet.")
        else:
            self._arrive(describe_mark(self._history, mark))

    def _choose_kind(self, step: int) -> None:
        kind = self._cursor.choose_kind(step)
        name = "every kind of mark" if kind is None else NAMES[kind]
        self.told.emit(f"Left and Right now go to: {name} ({self._cursor.count()}).")

    def _toggle_following(self) -> None:
        self._time.set_following(not self._time.is_following)
        follows = "The newest samples are followed."
        self.told.emit(follows if self._time.is_following else "The view stays where it is.")
