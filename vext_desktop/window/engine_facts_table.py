"""The facts beside the choice of an engine."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from vext_desktop.embedding.engine_facts import EngineFacts, lacking_modules
from vext_desktop.packaged import how_to_get_torch
from vext_desktop.window.text_table import TextTable

COLUMNS = ("Engine", "Speed", "Memory", "Agreement", "Finds (nDCG@10)", "Here")
MEANING = (
    "Speed: relative to plain sentence-transformers. Memory: the engine's process at its peak. "
    "Agreement: mean cosine to the reference's vectors. Finds: how well a judged set is found. "
    "What says “not yet” has not been measured."
)
UNKNOWN = "not yet"


class EngineFactsTable(QWidget):
    """One row for each engine that can be chosen.

    Args:
        facts: The engines, in the order of the choice.
    """

    def __init__(self, facts: Sequence[EngineFacts]) -> None:
        super().__init__()
        self.table = TextTable(COLUMNS, "Facts about the engines")
        self.table.show_rows([_row(each) for each in facts], [_tip(each) for each in facts])
        self.table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        rows = self.table.verticalHeader().defaultSectionSize() * len(facts)
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + rows + 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table)
        sources = dict.fromkeys(each.source for each in facts if each.source)
        torch = [how_to_get_torch() for each in facts if each.engine == "torch" and _lacks(each)]
        for text in (*torch, MEANING, *sources):
            words = QLabel(text)
            words.setObjectName("quiet")
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            column.addWidget(words)


def _lacks(facts: EngineFacts) -> bool:
    return bool(lacking_modules(facts))


def _row(facts: EngineFacts) -> tuple[str, ...]:
    return (
        facts.engine,
        UNKNOWN if facts.speed_ratio is None else f"{facts.speed_ratio:.2f} times",
        UNKNOWN if facts.peak_mb is None else f"{facts.peak_mb} MB",
        UNKNOWN if facts.cosine is None else f"{facts.cosine:.4f}",
        UNKNOWN if facts.ndcg is None else f"{facts.ndcg:.3f}",
        "not installed" if _lacks(facts) else "installed",
    )


def _tip(facts: EngineFacts) -> str:
    lacking = lacking_modules(facts)
    if lacking:
        return f"{facts.summary}. Not installed: {', '.join(lacking)}."
    return f"{facts.summary}. {facts.source or 'Its figures have not been measured yet.'}"
