"""For tests only: an engine that leaks, to see that the leak is found and named.

The engine process imports this module when VEXT_TEST_LEAK is set, and never otherwise.
"""

import ctypes
import itertools
import re

from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.child import Handler

VARIABLE = "VEXT_TEST_LEAK"
_WORDS = re.compile(r"(native|python):(\d+)(?:@(\d+))?")
# Small enough to lie among other blocks of malloc, and not in mappings of their own.
_BLOCK_BYTES = 4096
# `object()` in a list: 16 bytes and the list's pointer to it.
_OBJECT_BYTES = 24


def leaking(embed: Handler, words: str) -> Handler:
    """The same handler, which also keeps some memory for ever at each batch.

    Args:
        embed: Answers "embed".
        words: "native:BYTES" for blocks of malloc or "python:BYTES" for Python objects, at each
            batch; with "@BATCH", from that batch on.

    Raises:
        ValueError: The words say something else.
    """
    found = _WORDS.fullmatch(words)
    if found is None:
        raise ValueError(f"{VARIABLE} is {words!r}; it should be as native:20000 or python:20000@9")
    kind, leaked_bytes, first = found[1], int(found[2]), int(found[3] or 1)
    leak = _leak_native if kind == "native" else _leak_objects
    kept: list[object] = []
    batches = itertools.count(1)

    def embed_and_leak(header: Header, payload: bytes) -> tuple[Header, bytes | memoryview]:
        if next(batches) >= first:
            kept.append(leak(leaked_bytes))
        return embed(header, payload)

    return embed_and_leak


def _leak_native(leaked_bytes: int) -> None:
    """Blocks of malloc that nobody knows of any more, each page of them written to."""
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    for _ in range(leaked_bytes // _BLOCK_BYTES):
        ctypes.memset(library.malloc(_BLOCK_BYTES), 1, _BLOCK_BYTES)


def _leak_objects(leaked_bytes: int) -> list[object]:
    return [object() for _ in range(leaked_bytes // _OBJECT_BYTES)]
