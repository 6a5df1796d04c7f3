"""The weights of a model folder, read from `model.safetensors` one matrix or row at a time."""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from vext_desktop.errors import ModelError

WEIGHTS_FILE = "model.safetensors"
# A header lists some hundred matrices in some ten kB; the format itself allows 100 MB.
_MAX_HEADER_BYTES = 100_000_000

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Place:
    offset_bytes: int
    shape: tuple[int, ...]


class Weights:
    """An open `.safetensors` file; only its float32 matrices are seen.

    Read, not mapped: what is mapped stays in memory as long as it is touched now and then, and
    the table of words alone is half of a small model.

    Raises:
        ModelError: The file cannot be read, or is not of this format.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._stream = file.open("rb", buffering=0)
        except OSError as error:
            raise self._unreadable(error) from error
        try:
            self._places = self._read_header(file.stat().st_size)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
            self._stream.close()
            raise self._unreadable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a matrix that is there."""
        return self._places[name].shape

    def read(self, name: str) -> Matrix:
        """A whole matrix."""
        place = self._places[name]
        found = np.empty(place.shape, np.float32)
        self._fill(found, place.offset_bytes)
        return found

    def read_rows(self, name: str, rows: list[int]) -> Matrix:
        """Rows of a matrix of two dimensions, in this order; about 2 us for each."""
        place = self._places[name]
        found = np.empty((len(rows), place.shape[1]), np.float32)
        row_bytes = place.shape[1] * found.itemsize
        for index, row in enumerate(rows):
            self._fill(found[index], place.offset_bytes + row * row_bytes)
        return found

    def _fill(self, target: Matrix, offset_bytes: int) -> None:
        self._stream.seek(offset_bytes)
        if self._stream.readinto(target.data) != target.nbytes:
            raise OSError(f"{self._file} has become shorter")

    def _unreadable(self, error: Exception) -> ModelError:
        return ModelError(
            f"The weights in {self._file} cannot be read ({error}).", "Copy the model again."
        )

    def _read_header(self, file_bytes: int) -> dict[str, _Place]:
        (length,) = struct.unpack("<Q", self._stream.read(8))
        if length > min(_MAX_HEADER_BYTES, file_bytes):
            raise ValueError("its header is longer than the file")
        start = 8 + length
        places = {}
        for name, entry in json.loads(self._stream.read(length)).items():
            if name == "__metadata__" or entry["dtype"] != "F32":
                continue
            shape = tuple(int(size) for size in entry["shape"])
            begin, end = entry["data_offsets"]
            if (
                end - begin != int(np.prod(shape)) * 4
                or not 0 <= begin <= end <= file_bytes - start
            ):
                raise ValueError(f"{name} lies outside of the file")
            places[name] = _Place(start + begin, shape)
        return places
