"""Limits that were raised since files met them: what was set aside for them is read again."""

import json
from collections.abc import Mapping

from vext_desktop.index import ledger_changes
from vext_desktop.index.ledger import Ledger
from vext_desktop.outcomes import Outcome

_KEY = "reading_limits"
# What a file that met the limit is called.
_OUTCOMES = {
    "max_file_mb": Outcome.TOO_LARGE,
    "max_pages": Outcome.TOO_LARGE,
    "max_characters": Outcome.TOO_LARGE,
    "max_expansion": Outcome.TOO_LARGE,
    "max_members": Outcome.TOO_LARGE,
    "reader_timeout_s": Outcome.TIME_LIMIT,
    "reader_memory_mb": Outcome.MEMORY_LIMIT,
}
LIMITS = frozenset(_OUTCOMES)


def let_read_again(ledger: Ledger, limits: Mapping[str, float], ocr_languages: str) -> int:
    """Let files be read again at the next scan that meets them, if they could fare better now.

    Args:
        ledger: Also keeps the limits of the run before.
        limits: The present value of each of LIMITS.
        ocr_languages: In which languages pictures of text are read; "" if they are not.

    Returns:
        How many files that are; none the first time, when nothing is known of before.
    """
    now = {**limits, "ocr_languages": ocr_languages}
    before = json.loads(ledger.get_meta(_KEY) or "{}")
    if now == before:
        return 0
    outcomes = {
        outcome
        for name, outcome in _OUTCOMES.items()
        if name in before and limits[name] > before[name]
    }
    if ocr_languages and before.get("ocr_languages", ocr_languages) != ocr_languages:
        outcomes.add(Outcome.NO_TEXT_LAYER)
    with ledger.file.transaction() as connection:
        files = ledger_changes.read_again(connection, outcomes)
    ledger.set_meta(_KEY, json.dumps(now))  # last: a kill before it only lets this be done twice
    return files
