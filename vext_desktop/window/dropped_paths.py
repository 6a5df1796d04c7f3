"""Which files and folders a drop or a file manager's address means, byte for byte."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl


def dropped_paths(mime: QMimeData) -> tuple[Path, ...]:
    """The local files and folders among what is dragged, each once."""
    return paths_of(mime.urls()) if mime.hasUrls() else ()


def paths_of(urls: Sequence[QUrl]) -> tuple[Path, ...]:
    """The local files and folders among these addresses, each once, in order."""
    found = dict.fromkeys(_path_of(url) for url in urls if url.isLocalFile())
    return tuple(Path(path) for path in found if path)


def _path_of(url: QUrl) -> str:
    if os.name == "nt":
        return url.toLocalFile()
    # `toLocalFile` would drop bytes that are not UTF-8, and the file would not be found.
    return os.fsdecode(unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded)))
