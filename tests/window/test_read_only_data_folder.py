"""A window over a data folder that may not be written to: it is said once, and it searches."""

from pytestqt.qtbot import QtBot

from vext_desktop.errors import DataFolderReadOnlyError, VextError
from vext_desktop.window.engine_holder import EngineHolder

REFUSAL = DataFolderReadOnlyError("It may not be written to.", "Make it writable.")


class RefusingEngine:
    """May be opened to read only."""

    def __init__(self) -> None:
        self.opened: list[bool] = []

    def open(self, *, read_only: bool = False) -> None:
        self.opened.append(read_only)
        if not read_only:
            raise REFUSAL


def test_a_data_folder_that_may_not_be_written_to_is_opened_to_search(qtbot: QtBot) -> None:
    engine, told = RefusingEngine(), list[VextError]()
    holder = EngineHolder()
    holder.failed.connect(told.append)
    holder.open_folder(engine)
    assert engine.opened == [False, True]
    assert told == [REFUSAL]
