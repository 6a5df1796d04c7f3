"""Small files that are replaced whole: after a kill, a power cut or on a full disk, old or new."""

import contextlib
import os
import tempfile
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Let a file hold this text from now on, in one step that is on the disk when we return.

    Readable by its owner alone.

    Raises:
        OSError: It cannot be written; then it is as before, and no draft is left.
    """
    number, draft = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            # Else a power cut may keep the new name and lose what it names.
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(draft).unlink()
        raise
