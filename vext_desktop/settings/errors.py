"""What is wrong with a value, in words of ours instead of pydantic's."""

from typing import Any

_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
_KINDS = {
    "int_": "a whole number",
    "float_": "a number",
    "bool_": "yes or no (true or false)",
    "string_": "a text",
    "tuple_": "a list of words",
}


def say_wrong(detail: Any) -> str:
    """One of the errors of a pydantic ValidationError, as in "must be at least 50"."""
    kind, context = str(detail["type"]), detail.get("ctx", {})
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        return f"must be {words} {number_words(context[key])}"
    if kind == "literal_error":
        return f"must be {context['expected']}"
    for begin, words in _KINDS.items():
        if kind.startswith(begin):
            return f"must be {words}"
    return str(detail["msg"]).removeprefix("Value error, ")


def number_words(number: float) -> str:
    """A number as people read it: in groups of three digits."""
    digits = f"{number:,}" if isinstance(number, int) else f"{number:g}"
    return digits.replace(",", "\N{NARROW NO-BREAK SPACE}")
