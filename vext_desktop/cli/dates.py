"""Dates on the command line: a day, a moment, or how long ago."""

import datetime as dt
import re

from vext_desktop.errors import UsageError

_AGO = re.compile(r"(\d{1,4})(h|d|w)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
DATES_IN_WORDS = "a day (2026-01-31), a moment (2026-01-31T18:00) or how long ago (24h, 7d, 4w)"


def seconds_of(text: str, flag: str, *, is_end: bool = False) -> float:
    """A point in time in seconds since 1970, in the local time zone.

    Args:
        text: What was written.
        flag: The flag it belongs to, for the error.
        is_end: Whether a day means its end; else its beginning.

    Raises:
        UsageError: It is none of `DATES_IN_WORDS`, or lies outside of the calendar.
    """
    try:
        if ago := _AGO.fullmatch(text.strip().lower()):
            hours = int(ago[1]) * _HOURS[ago[2]]
            return (dt.datetime.now().astimezone() - dt.timedelta(hours=hours)).timestamp()
        moment = dt.datetime.fromisoformat(text.strip())
        if is_end and re.fullmatch(r"[\d-]{8,10}", text.strip()):
            moment += dt.timedelta(days=1)
        return moment.astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{flag} {text!r} is no date.", f"Write {DATES_IN_WORDS}.") from error
