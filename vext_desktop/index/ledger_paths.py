"""Paths as the ledger keeps them: bytes that compare and range by folder."""

import os
from pathlib import Path


def to_bytes(path: str | Path) -> bytes:
    """UTF-8 with lone surrogates kept, so that every file name comes back as it was."""
    return str(path).encode("utf-8", "surrogatepass")


def to_text(stored: bytes) -> str:
    """The path as it was given to `to_bytes`."""
    return stored.decode("utf-8", "surrogatepass")


def beneath(folder: bytes) -> tuple[bytes, bytes]:
    """The range [first, last) of stored paths that lie beneath a folder, at any depth."""
    separator = os.sep.encode()
    start = folder if folder.endswith(separator) else folder + separator
    return start, start[:-1] + bytes([start[-1] + 1])


def within(root: bytes | None) -> tuple[bytes, bytes, bytes]:
    """Parameters for `(path = ? OR (path >= ? AND path < ?))`: a root and what is beneath it.

    Without a root, all files.
    """
    # No path in UTF-8 holds the byte 255.
    return (b"", b"", b"\xff") if root is None else (root, *beneath(root))


def is_beneath(path: bytes, folder: bytes) -> bool:
    """Whether a stored path is this folder or file itself, or lies beneath it."""
    return path == folder or path.startswith(beneath(folder)[0])


def suffix_of(path: str) -> str:
    """Lower case with its dot; "" when the name has none."""
    return os.path.splitext(path)[1].lower().encode("utf-8", "replace").decode()  # noqa: PTH122 - 100 000 of them
