"""Is there a newer release? One question to PyPI, and only where the user has switched it on.

What is sent is the request itself: the name of the program, no version, no identity, no cookie.
"""

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

RELEASES_URL = "https://pypi.org/pypi/vext-desktop/json"
ASK_EVERY_S = 24 * 3600.0
TIMEOUT_S = 8.0
# The answer for a package with hundreds of releases is about half of this.
MAX_ANSWER_BYTES = 4_000_000
_FOUND, _NOT_FOUND = 200, 404
_RELEASE = re.compile(r"\d{1,6}(\.\d{1,6}){0,4}")


@dataclass(frozen=True, slots=True)
class ReleaseAnswer:
    """What came of the question.

    Attributes:
        sentence: For the user.
        newer: The version that is newer than this one; empty if there is none.
    """

    sentence: str
    newer: str = ""


def ask_for_release(present: str, url: str = RELEASES_URL) -> ReleaseAnswer:
    """Ask once; takes up to some seconds, and never raises.

    Args:
        present: The version of this program.
        url: Where to ask.
    """
    # Here: nobody who has not switched it on pays for it.
    import httpx2  # noqa: PLC0415

    headers = {"User-Agent": "vext-desktop", "Accept": "application/json"}
    try:
        with (
            httpx2.Client(headers=headers, timeout=TIMEOUT_S, follow_redirects=False) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code == _NOT_FOUND:
                return ReleaseAnswer(
                    "No release of Vext Desktop has been published on PyPI so far, so there is "
                    "nothing to compare this version with."
                )
            if response.status_code != _FOUND:
                return _failure(f"it answered with status {response.status_code}")
            answer = _read(response.iter_bytes())
    except (httpx2.HTTPError, OSError, TimeoutError) as error:
        return _failure(str(error) or type(error).__name__)
    return _judge(present, answer)


def is_due(record: Path, now_s: float | None = None) -> bool:
    """Whether a day has passed since it was asked last; a record that cannot be read counts so.

    Args:
        record: Where `note_asked` has written.
        now_s: Seconds since the epoch; the present if None.
    """
    now_s = time.time() if now_s is None else now_s
    try:
        asked_s = float(json.loads(record.read_text(encoding="utf-8"))["asked_s"])
    except (OSError, ValueError, TypeError, KeyError):
        return True
    return not 0 <= now_s - asked_s < ASK_EVERY_S  # a clock that was set back must not end it


def note_asked(record: Path, now_s: float | None = None) -> None:
    """Remember that it is being asked now, whatever comes of it.

    Raises:
        OSError: It cannot be written; then it must not be asked.
    """
    now_s = time.time() if now_s is None else now_s
    record.write_text(json.dumps({"asked_s": now_s}) + "\n", encoding="utf-8")


def _read(parts: Iterable[bytes]) -> bytes:
    deadline = time.monotonic() + TIMEOUT_S
    answer = b""
    for part in parts:
        answer += part
        if len(answer) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
            raise TimeoutError("the answer did not come to its end")
    return answer


def _judge(present: str, answer: bytes) -> ReleaseAnswer:
    try:
        latest = json.loads(answer)["info"]["version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return _failure("the answer is not one that it gives")
    if not isinstance(latest, str) or not _RELEASE.fullmatch(latest):
        return ReleaseAnswer(f"PyPI names no final release; this is version {present}.")
    if _numbers(latest) > _numbers(present):
        return ReleaseAnswer(f"Version {latest} is available; this is {present}.", latest)
    return ReleaseAnswer(f"This is the newest version, {present}.")


def _numbers(version: str) -> tuple[int, ...]:
    found = _RELEASE.match(version)
    numbers = [int(part) for part in found.group().split(".")] if found else [0]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()  # 1.0 is 1
    return tuple(numbers)


def _failure(why: str) -> ReleaseAnswer:
    return ReleaseAnswer(f"Whether there is a newer version could not be learnt from PyPI: {why}.")
