"""Numbers of spreadsheets as their cells show them: dates as dates, shares with "%"."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, auto

# Formats that are not written into files (ECMA-376 part 1, section 18.8.30).
_BUILT_IN_DATES = frozenset({14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58})
_BUILT_IN_TIMES = frozenset({18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56})
_BUILT_IN_BOTH = frozenset({22})
_BUILT_IN_PERCENTS = {9: 0, 10: 2}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_PERCENT = re.compile(r"0(?:\.(0+))?%")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no time zones
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - as above
_LAST_DAY = 2_958_465  # 9999-12-31


class Kind(Enum):
    """What a number format makes of a number."""

    NUMBER = auto()
    DATE = auto()
    TIME = auto()
    DATE_AND_TIME = auto()
    PERCENT = auto()


class NumberFormat:
    """How cells of one style show numbers.

    Args:
        number: The format's id.
        code: Its text; empty for built-in ones.
    """

    def __init__(self, number: int = 0, code: str = "") -> None:
        self._decimals = 0
        self.kind = self._kind_of(number, code)

    def text(self, value: str, *, is_1904: bool = False) -> str:
        """A number, as the file has it, as the cell shows it (dates as 2024-12-31)."""
        try:
            number = float(value)
        except ValueError:
            return value
        if self.kind is Kind.PERCENT:
            return f"{number * 100:.{self._decimals}f}%"
        if self.kind is Kind.NUMBER or not 0 <= number <= _LAST_DAY:
            return plain_number(value, number)
        if number < 1 and self.kind is not Kind.DATE:
            return _moment(_EPOCH, number).strftime("%H:%M:%S")
        moment = _moment(_EPOCH_1904 if is_1904 else _EPOCH, number)
        has_time = self.kind is not Kind.DATE or number % 1 > 0
        return _written(moment) + (moment.strftime(" %H:%M") if has_time else "")

    def _kind_of(self, number: int, code: str) -> Kind:
        if not code:
            self._decimals = _BUILT_IN_PERCENTS.get(number, 0)
            if number in _BUILT_IN_PERCENTS:
                return Kind.PERCENT
            kinds = (
                (_BUILT_IN_DATES, Kind.DATE),
                (_BUILT_IN_TIMES, Kind.TIME),
                (_BUILT_IN_BOTH, Kind.DATE_AND_TIME),
            )
            return next((kind for ids, kind in kinds if number in ids), Kind.NUMBER)
        letters = _LITERAL.sub("", code.partition(";")[0]).lower()
        if percent := _PERCENT.search(letters):
            self._decimals = len(percent[1] or "")
            return Kind.PERCENT
        if "general" in letters:
            return Kind.NUMBER
        has_date = "y" in letters or "d" in letters or letters.strip("-/. ") in {"m", "mm", "mmm"}
        has_time = "h" in letters or "s" in letters
        if has_date:
            return Kind.DATE_AND_TIME if has_time else Kind.DATE
        return Kind.TIME if has_time else Kind.NUMBER


def plain_number(value: str, number: float) -> str:
    """A number without the noise of its binary form: 0.3, not 0.30000000000000004."""
    if len(value) <= 15 and "e" not in value.lower():
        return value
    short = f"{number:.15g}"
    return short if "e" not in short else value


def formats_of(style_ids: Iterable[int], codes: dict[int, str]) -> list[NumberFormat]:
    """The number formats of cell styles, by the styles' places."""
    return [NumberFormat(number, codes.get(number, "")) for number in style_ids]


def _moment(epoch: datetime, days: float) -> datetime:
    # Spreadsheets count to the millisecond; the float behind it is a little off.
    return epoch + timedelta(seconds=round(days * 86_400))


def _written(moment: datetime) -> str:
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
