"""How a brief lies in its file: a header of one page, then sections, each with a checksum.

All of it is told by the volume, which stays the truth: a brief that is missing, damaged or of
another format is made anew, and until then the volume itself is asked.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"vext-brief-01\n\0\0"
HEADER_BYTES = 4096
_PREFIX_BYTES = len(MAGIC) + 8
# Each passage's file, reading and place in it; the number of its words.
KEY_SECTIONS = ("file_ids", "generations", "ordinals")
KEY_TYPES: tuple[np.dtype[Any], ...] = (np.dtype("<i8"), np.dtype("<i4"), np.dtype("<i4"))
LENGTHS_TYPE = np.dtype("<u2")
# One bit of each number of a vector, 64 to a word; the first words of all rows, then the second.
CODE_TYPE = np.dtype("<u8")
BITS = 64
# A word by a hash of it, and where the list of the rows that hold it lies.
ENTRY_TYPE = np.dtype([("key", "<u8"), ("at", "<u8"), ("rows", "<u4"), ("crc", "<u4")])
COUNT_TYPE = np.dtype("u1")


class BriefError(Exception):
    """A brief cannot be read, or is not what was written.

    Args:
        reason: What is wrong.
        file: The brief.
    """

    def __init__(self, reason: str, file: Path) -> None:
        super().__init__(reason)
        self.file = file


@dataclass(frozen=True, slots=True)
class Section:
    """Where a section lies: offset and size in bytes, and its CRC-32 (0 where parts have one)."""

    at: int
    size_bytes: int
    crc: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """What a brief says of itself.

    Attributes:
        rows: Passages in it.
        dimension: Numbers in a vector.
        sections: Where each lies.
    """

    rows: int
    dimension: int
    sections: Mapping[str, Section]

    def to_bytes(self) -> bytes:
        """The first page of the file."""
        told = json.dumps(asdict(self)).encode()
        checks = np.array([len(told), zlib.crc32(told)], "<u4").tobytes()
        page = MAGIC + checks + told
        if len(page) > HEADER_BYTES:
            raise ValueError(f"a header of {len(page)} bytes")
        return page.ljust(HEADER_BYTES, b"\0")


def read_header(page: bytes) -> Header:
    """What the first page says.

    Raises:
        ValueError: It is damaged, or of another format.
    """
    if len(page) != HEADER_BYTES or not page.startswith(MAGIC):
        raise ValueError("it is no brief of this format")
    length, crc = (int(n) for n in np.frombuffer(page, "<u4", 2, len(MAGIC)))
    told = page[_PREFIX_BYTES : _PREFIX_BYTES + length]
    if len(told) != length or zlib.crc32(told) != crc:
        raise ValueError("its header is damaged")
    found: Any = json.loads(told)
    sections = {name: Section(**section) for name, section in found["sections"].items()}
    return Header(found["rows"], found["dimension"], sections)


def row_type(rows: int) -> np.dtype[Any]:
    """What the number of a row is kept as."""
    return np.dtype("<u2") if rows <= 1 << 16 else np.dtype("<u4")


def vector_type(dimension: int) -> np.dtype[Any]:
    """A vector in 8 bits for each number, with what 127 stands for, and the CRC-32 of both."""
    return np.dtype([("crc", "<u4"), ("scale", "<f4"), ("parts", "i1", (dimension,))])


def to_codes(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """The signs of vectors, shape (rows, dimension), as words of 64 bits."""
    packed = np.packbits(vectors > 0, axis=1, bitorder="little")
    short = -packed.shape[1] % (BITS // 8)
    return np.pad(packed, ((0, 0), (0, short))).view(CODE_TYPE)


def vectors_of(batch: Any, dimension: int) -> NDArray[np.float32]:
    """The vectors of an Arrow batch."""
    flat = batch.column("vector").flatten().to_numpy()
    return np.asarray(flat.reshape(-1, dimension), np.float32)


def shortened(vectors: NDArray[np.float32]) -> NDArray[Any]:
    """Vectors in 8 bits for each number, as `vector_type` says."""
    kept = np.zeros(len(vectors), vector_type(vectors.shape[1]))
    scale = np.abs(vectors).max(axis=1, initial=0.0) / 127
    kept["scale"] = scale
    kept["parts"] = np.rint(vectors / np.where(scale > 0, scale, 1.0)[:, None])
    for row in kept:
        row["crc"] = zlib.crc32(row.tobytes()[4:])
    return kept


def key_of(stem: str) -> int:
    """The hash by which a word is found: two of 100 000 are the same once in 10^9 indexes."""
    return int.from_bytes(blake2b(stem.encode(), digest_size=8).digest(), "little")
