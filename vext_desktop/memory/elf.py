"""How much zeroed memory (bss) the loader puts behind the data of a library, from its file."""

import mmap
import struct
from pathlib import Path

_PT_LOAD = 1
_ELF64_LITTLE = b"\x7fELF\x02\x01"
_HEADER_BYTES = 64
# e_phoff at 32, e_phentsize and e_phnum at 54 (System V ABI, "ELF Header", 64 bits).
_HEADER = struct.Struct("<32xQ14xHH")
# p_type, p_offset, p_vaddr, p_filesz, p_memsz ("Program Header", 64 bits).
_SEGMENT = struct.Struct("<I4xQQ8xQQ")

_MAX_FILES = 10_000


class BssSizes:
    """Bytes of bss behind each mapped segment of a library; every file is read once.

    The kernel merges bss with whatever anonymous memory comes next, so its size cannot be seen
    in the mappings: without this, 170 MB of Python objects were booked on numpy.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[int, int]] = {}

    def after(self, path: str, file_end: int) -> int:
        """Bytes of bss that follow a mapping of this file.

        Args:
            path: The file.
            file_end: Where in the file the mapping ends, a multiple of the page size.

        Returns:
            0 where none follows, or where the file cannot be read any more.
        """
        if path not in self._known:
            if len(self._known) >= _MAX_FILES:  # files that come and go
                self._known.clear()
            self._known[path] = _bss_by_file_end(Path(path))
        return self._known[path].get(file_end, 0)


def _bss_by_file_end(path: Path) -> dict[int, int]:
    found: dict[int, int] = {}
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            if not header.startswith(_ELF64_LITTLE):
                return found
            table_at, entry_bytes, entries = _HEADER.unpack_from(header)
            file.seek(table_at)
            table = file.read(entry_bytes * entries)
        for at in range(0, len(table), entry_bytes):
            kind, offset, address, file_bytes, memory_bytes = _SEGMENT.unpack_from(table, at)
            data_end = _next_page(address + file_bytes)
            bss = _next_page(address + memory_bytes) - data_end
            if kind == _PT_LOAD and bss > 0:
                found[_next_page(offset + file_bytes)] = bss
    except (OSError, struct.error, ValueError):  # gone, replaced, or no library at all
        return {}
    return found


def _next_page(address: int) -> int:
    return -(-address // mmap.PAGESIZE) * mmap.PAGESIZE
