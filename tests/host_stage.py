"""A real engine in a process of its own, and what its host tells; shared by the tests."""

import threading
from pathlib import Path
from typing import Any

from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.embedding.process_host import HostTimeouts, ProcessHost
from vext_desktop.supervision.parent import ChildProcess

LIMIT_S = 120.0


class HostStage:
    """A host for the shipped model, and what it tells."""

    def __init__(
        self,
        log_file: Path,
        prepared: Path,
        engine: str = "onnx",
        folder: Path | None = None,
        batch_s: float = 60.0,
        cancelled: Any = None,
    ) -> None:
        model = find_model("")
        self.log_file = log_file
        self.cancelled = cancelled or threading.Event()
        self.started: list[int | None] = []
        self.ended = 0
        self.readings: list[dict[str, Any]] = []
        self.host = ProcessHost(
            EmbedderChoice(engine, str(folder or model.folder), model.name, str(prepared)),
            HostTimeouts(start_s=LIMIT_S, batch_s=batch_s),
            log_file,
            self.cancelled,
            self._note_start,
            self._note_end,
            self.readings.append,
        )

    def _note_start(self, child: ChildProcess) -> None:
        self.started.append(child.pid)

    def _note_end(self) -> None:
        self.ended += 1
