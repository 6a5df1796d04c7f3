"""Compound files (MS-CFB), as old Office files and Outlook's mails are, made by the tests."""

import struct
from collections.abc import Mapping, Sequence

_SECTOR, _MINI = 512, 64
_CUTOFF = 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
Tree = Mapping[str, "bytes | Tree"]


def container(tree: Tree) -> bytes:
    """A compound file: streams are bytes, storages are mappings."""
    return _Writer().write(tree)


class _Writer:
    def __init__(self) -> None:
        self.entries: list[list[object]] = []  # name, type, right sibling, child, start, size
        self.data = bytearray()
        self.chains: list[int] = []
        self.mini = bytearray()
        self.mini_chains: list[int] = []

    def write(self, tree: Tree) -> bytes:
        self.entries.append(["Root Entry", 5, _FREE, _FREE, _END, 0])
        self.entries[0][3] = self._add_all(tree)
        self.entries[0][4], self.entries[0][5] = self._stored(bytes(self.mini)), len(self.mini)
        directory = self._stored(b"".join(map(_entry, self.entries)))
        mini_fat = self._stored(_numbers(self.mini_chains)) if self.mini_chains else _END
        mini_sectors = -(-len(self.mini_chains) * 4 // _SECTOR)
        fat_sectors = 1
        while (len(self.chains) + fat_sectors) * 4 > fat_sectors * _SECTOR:
            fat_sectors += 1
        assert fat_sectors <= 109
        first = len(self.chains)
        fat = _numbers([*self.chains, *[_FAT] * fat_sectors])
        fat = fat.ljust(fat_sectors * _SECTOR, b"\xff")
        places = list(range(first, first + fat_sectors)) + [_FREE] * (109 - fat_sectors)
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
        head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        head += struct.pack("<IIIII", 0, fat_sectors, directory, 0, _CUTOFF)
        head += struct.pack("<IIII", mini_fat, mini_sectors, _END, 0) + _numbers(places)
        return bytes(head + self.data + fat)

    def _add_all(self, tree: Tree) -> int:
        """Add entries as siblings, each to the right of the one before; returns the first."""
        first = previous = _FREE
        for name, content in tree.items():
            number = len(self.entries)
            entry: list[object] = [name, 1, _FREE, _FREE, 0, 0]
            self.entries.append(entry)
            if isinstance(content, bytes):
                entry[1], entry[4:] = 2, (self._stored_anywhere(content), len(content))
            else:
                entry[3] = self._add_all(content)
            if previous == _FREE:
                first = number
            else:
                self.entries[previous][2] = number
            previous = number
        return first

    def _stored_anywhere(self, content: bytes) -> int:
        if len(content) >= _CUTOFF:
            return self._stored(content)
        return _chained(content, self.mini, self.mini_chains, _MINI)

    def _stored(self, content: bytes) -> int:
        return _chained(content, self.data, self.chains, _SECTOR)


def _chained(content: bytes, data: bytearray, chains: list[int], size: int) -> int:
    if not content:
        return _END
    start = len(chains)
    count = -(-len(content) // size)
    data += content.ljust(count * size, b"\0")
    chains += [*range(start + 1, start + count), _END]
    return start


def _entry(entry: list[object]) -> bytes:
    name, kind, right, child, start, size = entry
    assert isinstance(name, str)
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def _numbers(numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def xls(sheets: Mapping[str, list[list[str | float]]]) -> bytes:
    """A workbook in the format of Excel 97."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    begin = struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0)
    bodies = []
    for rows in sheets.values():
        body = record(0x809, struct.pack("<HHHHII", 0x0600, 16, 0, 0, 0, 0))
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                place = struct.pack("<HHH", row, column, 0)
                if isinstance(cell, str):
                    text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                    body += record(0x204, place + text)
                else:
                    body += record(0x203, place + struct.pack("<d", cell))
        bodies.append(body + record(0x0A, b""))
    names = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    head = len(record(0x809, begin)) + sum(len(name) + 10 for name in names) + 4
    listed, place = b"", head
    for name, body in zip(names, bodies, strict=True):
        listed += record(0x85, struct.pack("<IH", place, 0) + name)
        place += len(body)
    book = record(0x809, begin) + listed + record(0x0A, b"") + b"".join(bodies)
    return container({"Workbook": book.ljust(_CUTOFF, b"\0")})


def msg(
    texts: Mapping[int, str],
    attachments: Sequence[Tree] = (),
    **streams: bytes,
) -> Tree:
    """The storage of a mail: properties by their number, and more streams by their names."""
    tree: dict[str, bytes | Tree] = {"__properties_version1.0": bytes(32)}
    for number, text in texts.items():
        tree[f"__substg1.0_{number:04X}001F"] = text.encode("utf-16-le")
    tree.update(streams)
    for place, attachment in enumerate(attachments):
        tree[f"__attach_version1.0_#{place:08X}"] = attachment
    return tree
