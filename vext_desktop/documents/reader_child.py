"""The reader process's side: answers requests for pieces of files, each in a short step."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from vext_desktop.documents.chunker import Chunk, Chunker, ChunkRules
from vext_desktop.documents.formats import failure_to_open, file_too_large, reader_for
from vext_desktop.documents.memory_limit import limit_memory
from vext_desktop.documents.section import ReadFailure, ReadLimits, Section
from vext_desktop.outcomes import Outcome
from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.child import Handler

MOST_ITEMS = 32
_MOST_CHARACTERS = 1_000_000
_STEP_S = 0.1
_HASH_STEP_S = 1.0
_HASH_PIECE_BYTES = 1 << 20
_HASH_BYTES = 16


def reader_handlers(options: Header) -> tuple[dict[str, Handler], Header]:
    """What the reader process can be asked, and what it says of itself when it is ready.

    Args:
        options: `memory_bytes`, the limit on this process's memory; none if it is not given.
    """
    if "memory_bytes" in options:
        limit_memory(int(options["memory_bytes"]))
    desk = ReadingDesk()
    requests = {
        "fingerprint": desk.fingerprint,
        "open": desk.open,
        "next": desk.next,
        "close": desk.close,
    }
    return {name: _answering(request) for name, request in requests.items()}, {}


def _answering(request: Callable[[Header], Header]) -> Handler:
    """A handler whose failures are answers: the file is bad, the process is well."""

    def handle(header: Header, _payload: bytes) -> tuple[Header, bytes]:
        try:
            return request(header), b""
        except ReadFailure as failure:
            return {"failure": {"outcome": failure.outcome.value, "reason": failure.reason}}, b""

    return handle


class ReadingDesk:
    """The one file that is being read, or hashed."""

    def __init__(self) -> None:
        self._hashing: _Hashing | None = None
        self._chunkers: dict[ChunkRules, Chunker] = {}
        self._path = Path()
        self._looks: tuple[int, int] = (0, 0)
        self._sections: _Counted | None = None
        self._items: Iterator[Chunk | Section] = iter(())

    def fingerprint(self, header: Header) -> Header:
        """Hash a file for up to a second; asked again with the same path, go on.

        Returns:
            `done` and, with it, `content_hash`, `size_bytes` and `mtime_ns`.
        """
        path = Path(header["path"])
        if self._hashing is None or self._hashing.path != path:
            self._stop_hashing()
            self._hashing = _Hashing(path, int(header["max_file_bytes"]))
        try:
            if not self._hashing.go_on():
                return {"done": False}
            answer = self._hashing.answer()
        except OSError as error:
            self._stop_hashing()
            raise failure_to_open(error) from error
        except ReadFailure:
            self._stop_hashing()
            raise
        self._stop_hashing()
        return answer

    def open(self, header: Header) -> Header:
        """Begin a file; the one in hand, if any, is given up.

        `looks` is the size and time that it must still have; without `chunk_rules`, what comes
        are sections.
        """
        self.close({})
        path = Path(header["path"])
        try:
            self._looks = _looks(path.stat())
        except OSError as error:
            raise failure_to_open(error) from error
        if "looks" in header and self._looks != tuple(header["looks"]):
            raise ReadFailure(Outcome.CHANGED_WHILE_READING)
        limits = ReadLimits.from_json(header["limits"])
        self._path = path
        self._sections = _Counted(reader_for(path)(path, limits))
        if "chunk_rules" in header:
            rules = ChunkRules.from_json(header["chunk_rules"])
            self._items = self._chunker(rules).chunks(self._sections)
        else:
            self._items = self._sections
        return {}

    def next(self, _header: Header) -> Header:
        """The next items: as many as come in a short step, but at least one."""
        items: list[Header] = []
        characters = 0
        deadline = time.monotonic() + _STEP_S
        is_done = False
        while len(items) < MOST_ITEMS and characters < _MOST_CHARACTERS:
            item = next(self._items, None)
            if item is None:
                is_done = True
                break
            items.append(asdict(item))
            characters += len(item.text)
            if time.monotonic() > deadline:
                break
        read = self._sections.characters if self._sections else 0
        if is_done:
            self._check_unchanged()
            self.close({})
        return {"items": items, "done": is_done, "characters": read}

    def close(self, _header: Header) -> Header:
        """Give up the file in hand: parsers and files are closed now, not some time later."""
        sections, self._sections, self._items = self._sections, None, iter(())
        if sections is not None:
            sections.close()
        return {}

    def _chunker(self, rules: ChunkRules) -> Chunker:
        if rules not in self._chunkers:
            self._chunkers = {rules: Chunker(rules)}  # loads a tokenizer: kept, but only one
        return self._chunkers[rules]

    def _check_unchanged(self) -> None:
        try:
            looks = _looks(self._path.stat())
        except OSError as error:
            raise failure_to_open(error) from error
        if looks != self._looks:
            raise ReadFailure(Outcome.CHANGED_WHILE_READING)

    def _stop_hashing(self) -> None:
        if self._hashing is not None:
            self._hashing.close()
        self._hashing = None


class _Counted:
    """Sections, with a count of the characters that have come."""

    def __init__(self, sections: Iterator[Section]) -> None:
        self.characters = 0
        self._sections = sections

    def __iter__(self) -> Iterator[Section]:
        return self

    def __next__(self) -> Section:
        section = next(self._sections)
        self.characters += len(section.text)
        return section

    def close(self) -> None:
        """Let the reader close what it has open."""
        close = getattr(self._sections, "close", None)
        if close is not None:
            close()


class _Hashing:
    """A file that is being hashed in steps."""

    def __init__(self, path: Path, max_file_bytes: int) -> None:
        self.path = path
        self._hash = hashlib.blake2b(digest_size=_HASH_BYTES)
        self._file: BinaryIO | None = None
        self._looks = (0, 0)
        self._max_file_bytes = max_file_bytes

    def go_on(self) -> bool:
        """Hash for a while; returns whether that was the rest."""
        if self._file is None:
            self._file = self.path.open("rb")
            self._looks = _looks(os.fstat(self._file.fileno()))
            if self._looks[0] > self._max_file_bytes:
                raise file_too_large(self._looks[0], self._max_file_bytes)
        deadline = time.monotonic() + _HASH_STEP_S
        while piece := self._file.read(_HASH_PIECE_BYTES):
            self._hash.update(piece)
            if time.monotonic() > deadline:
                return False
        if _looks(os.fstat(self._file.fileno())) != self._looks:
            raise ReadFailure(Outcome.CHANGED_WHILE_READING)
        return True

    def answer(self) -> Header:
        """The fingerprint, as JSON values."""
        size_bytes, mtime_ns = self._looks
        return {
            "done": True,
            "content_hash": self._hash.hexdigest(),
            "size_bytes": size_bytes,
            "mtime_ns": mtime_ns,
        }

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _looks(stat: os.stat_result) -> tuple[int, int]:
    """What tells cheaply that a file has changed: size, and time of the last change in ns."""
    return stat.st_size, stat.st_mtime_ns
