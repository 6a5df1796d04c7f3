"""Which files a version of a LanceDB table consists of, read from its manifest alone.

A table whose files are damaged cannot be asked by LanceDB which of them those are. The manifest is
a protobuf message (https://github.com/lance-format/lance/blob/main/protos/table.proto) at the end
of its file; only the few fields that are needed here are read.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

SUFFIX = ".manifest"
_MAGIC = b"LANC"
_FOOTER = struct.Struct("<QHH4s")  # where the message begins, two version numbers, the magic
_LENGTH = struct.Struct("<I")
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
# Fields of Manifest, DataFragment, DataFile, DeletionFile, IndexSection and IndexMetadata.
_FRAGMENTS, _VERSION, _INDEX_SECTION = 2, 3, 6
_ID, _FILES, _DELETIONS, _PHYSICAL_ROWS = 1, 2, 3, 4
_PATH, _FILE_SIZE = 1, 6
_DELETION_KIND, _READ_VERSION, _DELETION_ID = 1, 2, 3
_INDICES, _UUID, _UUID_BYTES = 1, 1, 1
_MOST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of the rows.

    Attributes:
        number: The upper half of its rows' ids.
        rows: How many rows its files hold, deleted ones too.
        data: Its data files, from the table's folder, each with its size in bytes; 0: not known.
        deletions: The file with its deleted rows; "" if none is deleted.
    """

    number: int
    rows: int
    data: tuple[tuple[str, int], ...]
    deletions: str


@dataclass(frozen=True, slots=True)
class TableVersion:
    """What a version of a table consists of.

    Attributes:
        manifest: The file that says so.
        version: Counts up.
        fragments: Its rows.
        index_folders: Of its indices, from the table's folder.
    """

    manifest: Path
    version: int
    fragments: tuple[Fragment, ...]
    index_folders: tuple[str, ...]


def manifests(table: Path) -> list[Path]:
    """All manifests of a table, the latest first; empty if there is none."""
    found = [file for file in (table / "_versions").glob(f"*{SUFFIX}") if file.stem.isdigit()]
    # The later the version, the smaller the number: they count down from 2**64 - 1.
    return sorted(found, key=lambda file: int(file.stem))


def read_version(manifest: Path) -> TableVersion:
    """What a manifest says.

    Raises:
        ValueError: It is damaged.
        OSError: It cannot be read.
    """
    data = manifest.read_bytes()
    if not _FOOTER.size < len(data) < _MOST_BYTES:
        raise ValueError("it is cut off")
    start, _, _, magic = _FOOTER.unpack(data[-_FOOTER.size :])
    if magic != _MAGIC:
        raise ValueError("it is no manifest")
    fragments, version, index_start = [], 0, None
    for number, value in _fields(_message(data, start)):
        if number == _FRAGMENTS and isinstance(value, bytes):
            fragments.append(_fragment(value))
        elif number == _VERSION and isinstance(value, int):
            version = value
        elif number == _INDEX_SECTION and isinstance(value, int):
            index_start = value
    folders = () if index_start is None else tuple(_index_folders(_message(data, index_start)))
    if not version:
        raise ValueError("it names no version")
    return TableVersion(manifest, version, tuple(fragments), folders)


def _message(data: bytes, start: int) -> bytes:
    if start + _LENGTH.size > len(data):
        raise ValueError("it points behind its end")
    (length,) = _LENGTH.unpack_from(data, start)
    begin = start + _LENGTH.size
    if begin + length > len(data):
        raise ValueError("it is cut off")
    return data[begin : begin + length]


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message (https://protobuf.dev/programming-guides/encoding)."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield key >> 3, value
            continue
        length = {_FIXED_64: 8, _FIXED_32: 4}.get(kind)
        if kind == _BYTES:
            length, place = _varint(message, place)
        if length is None or place + length > len(message):
            raise ValueError("it is damaged")
        yield key >> 3, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for count in range(10):
        if place >= len(message):
            break
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, place
    raise ValueError("it is damaged")


def _fragment(message: bytes) -> Fragment:
    number = rows = 0
    data, deletions = [], b""
    for field, value in _fields(message):
        if isinstance(value, int):
            number = value if field == _ID else number
            rows = value if field == _PHYSICAL_ROWS else rows
        elif field == _FILES:
            data.append(_data_file(value))
        elif field == _DELETIONS:
            deletions = value
    return Fragment(number, rows, tuple(data), _deletion_file(number, deletions))


def _data_file(message: bytes) -> tuple[str, int]:
    path, size_bytes = "", 0
    for field, value in _fields(message):
        if field == _PATH and isinstance(value, bytes):
            path = value.decode("utf-8")
        elif field == _FILE_SIZE and isinstance(value, int):
            size_bytes = value
    if not path or "/" in path or "\\" in path:
        raise ValueError("it names no data file")
    return f"data/{path}", size_bytes


def _deletion_file(number: int, message: bytes) -> str:
    if not message:
        return ""
    parts = {field: value for field, value in _fields(message) if isinstance(value, int)}
    suffix = "bin" if parts.get(_DELETION_KIND) else "arrow"
    return (
        f"_deletions/{number}-{parts.get(_READ_VERSION, 0)}-{parts.get(_DELETION_ID, 0)}.{suffix}"
    )


def _index_folders(message: bytes) -> Iterator[str]:
    for field, index in _fields(message):
        if field != _INDICES or not isinstance(index, bytes):
            continue
        for part, uuid in _fields(index):
            if part == _UUID and isinstance(uuid, bytes):
                raw = next((v for f, v in _fields(uuid) if f == _UUID_BYTES), b"")
                if isinstance(raw, bytes) and len(raw) == 16:
                    yield f"_indices/{UUID(bytes=raw)}"
