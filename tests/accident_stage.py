"""Run as a program: indexes a folder and kills itself at a chosen moment, the worst there are.

python accident_stage.py DATA_DIR MODEL DOCUMENTS MOMENT
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rebuild_stage import settings_for, use_word_hosts

from vext_desktop.engine import Engine
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.request import IndexRequest
from vext_desktop.index.store import Store
from vext_desktop.paths import Paths

# What is called, which time of it is the last, and whether it is killed before it or after.
MOMENTS: dict[str, tuple[type, str, int, bool]] = {
    "before the ledger notes what the scan found": (Ledger, "note_found", 1, False),
    "after a file is begun and before its passages": (Ledger, "begin_file", 3, True),
    "after passages are written and before their files are done": (Store, "add", 2, True),
    "after files are done": (Ledger, "finish_files", 1, True),
    "after leftovers are deleted and before they are forgotten": (Store, "delete", 1, True),
    "while the index is tidied up": (Store, "begin_maintenance", 1, True),
    "before the run has its end": (Ledger, "end_run", 1, False),
}


def dying(method: Callable[..., Any], last: int, *, is_after: bool) -> Callable[..., Any]:
    """The method, at whose n-th call the process is killed."""
    calls = [0]

    def call(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == last and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = method(*arguments, **options)
        if calls[0] == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return call


def main() -> None:
    """Index, and be killed."""
    data_dir, model, documents, moment = sys.argv[1:5]
    owner, name, last, is_after = MOMENTS[moment]
    with pytest.MonkeyPatch.context() as patch:
        use_word_hosts(patch)
        patch.setattr(owner, name, dying(getattr(owner, name), last, is_after=is_after))
        engine = Engine(settings_for(Path(model)), Paths(Path(data_dir)))
        engine.open()
        for _ in engine.index(IndexRequest((Path(documents),)), threading.Event()):
            pass


if __name__ == "__main__":
    main()
