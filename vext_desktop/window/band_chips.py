"""Chips that choose which files are listed, each with its count."""

from collections.abc import Mapping

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QPushButton, QWidget

from vext_desktop.index.records import FileBand
from vext_desktop.outcomes import Outcome
from vext_desktop.window.flow_layout import FlowLayout

GAP = 6

# These are there only when there are such files.
_RARE = frozenset({FileBand.OFFLINE, FileBand.IGNORED})
_STYLE = """
QPushButton {
    border: 1px solid palette(mid); border-radius: 12px; padding: 3px 12px;
    background: transparent;
}
QPushButton:hover { background: palette(midlight); }
QPushButton:checked {
    background: palette(highlight); color: palette(highlighted-text);
    border-color: palette(highlight);
}
QPushButton:focus { border: 2px solid palette(text); padding: 2px 11px; }
"""


class BandChips(QWidget):
    """One chip for each band of files; one of them is chosen."""

    band_chosen = Signal(object)
    """The FileBand that the user has chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: dict[FileBand, QPushButton] = {}
        self._group = QButtonGroup(self)
        row = FlowLayout(GAP, self)
        for band in FileBand:
            chip = QPushButton()
            chip.setCheckable(True)
            chip.setStyleSheet(_STYLE)
            self._chips[band] = chip
            self._group.addButton(chip)
            row.addWidget(chip)
        self._chips[FileBand.ALL].setChecked(True)
        self._group.buttonClicked.connect(self._on_clicked)
        self.show_counts({})

    @property
    def band(self) -> FileBand:
        """Which one is chosen."""
        return next(band for band, chip in self._chips.items() if chip.isChecked())

    def choose(self, band: FileBand) -> None:
        """Choose a band as if its chip had been clicked."""
        self._chips[band].click()

    def show_counts(self, counts: Mapping[Outcome, int]) -> None:
        """Show how many files there are in each band."""
        for band, chip in self._chips.items():
            states = band.states or tuple(Outcome)
            number = sum(counts.get(state, 0) for state in states)
            word = band.value.replace("_", " ").capitalize()
            chip.setText(f"{word}  {QLocale().toString(number)}")
            chip.setAccessibleName(f"{word}, {number} files")
            chip.setVisible(band not in _RARE or number > 0 or chip.isChecked())

    def _on_clicked(self, clicked: QAbstractButton) -> None:
        for band, chip in self._chips.items():
            if chip is clicked:
                self.band_chosen.emit(band)
