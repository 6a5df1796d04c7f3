"""JSON text piece by piece, so that a large value is never there twice as thousands of objects."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

# So many elements of a list at a time.
_ELEMENTS = 256


def json_pieces(value: object) -> Iterator[str]:
    """The text of a value, in pieces of some kilobytes; the value is made no faster than that.

    Args:
        value: As `json.dumps` takes it; and any iterator is a list whose elements come one by one.

    Raises:
        ValueError: A number is not finite.
    """
    if isinstance(value, Mapping):
        yield from _of_mapping(value)
    elif isinstance(value, Iterator | list | tuple):
        yield from _of_elements(value)
    else:
        yield _text(value)


def _of_mapping(value: Mapping[object, object]) -> Iterator[str]:
    opening = "{"
    for name, content in value.items():
        yield f"{opening}{_text(str(name))}: "
        yield from json_pieces(content)
        opening = ", "
    yield "}" if value else "{}"


def _of_elements(elements: Iterable[object]) -> Iterator[str]:
    opening, left = "[", iter(elements)
    while some := list(islice(left, _ELEMENTS)):
        yield f"{opening}{_text(some)[1:-1]}"
        opening = ", "
    yield "]" if opening == ", " else "[]"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
