"""Which engine did the work of a run, and which one was chosen where that is another."""

from collections.abc import Mapping

USED, CHOSEN, REASON = "engine", "engine_chosen", "engine_reason"


def engine_facts(used: str, chosen: str, reason: str) -> dict[str, str]:
    """What the summary of a run keeps of its engine.

    Args:
        used: Who did the work.
        chosen: Who should have done it.
        reason: Why it was another one, for people; "" if it was not.
    """
    if used == chosen:
        return {USED: used}
    return {USED: used, CHOSEN: chosen, REASON: reason}


def describe_engine(summary: Mapping[str, object]) -> str:
    """The engine for people, with the chosen one and the reason; "" where it is not known."""
    used, chosen, reason = (str(summary.get(name) or "") for name in (USED, CHOSEN, REASON))
    if not chosen:
        return used
    why = f"; {reason}" if reason else ""
    return f"{used} ({chosen} was chosen{why})"
