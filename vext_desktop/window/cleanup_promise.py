"""What giving memory back would do, said before the click."""

from vext_desktop.readings import ProcessRole, ProgramReading, format_bytes

# Less is not worth a click, and not told apart from what any work takes at once.
_WORTH_BYTES = 1_000_000
FREE_NOTHING = "Nothing to give back now."
RELOAD_AFTER = "Indexing goes on where it was, after some seconds."


def say_free_button(held_bytes: int | None) -> str:
    """The words on the button, with the figure where there is one."""
    if held_bytes is None or held_bytes < _WORTH_BYTES:
        return "F&ree memory"
    return f"F&ree memory (about {format_bytes(held_bytes)})"


def say_free_promise(held_bytes: int) -> str:
    """What "Free memory" can give back."""
    if held_bytes < _WORTH_BYTES:
        return FREE_NOTHING
    return f"Can give back about {format_bytes(held_bytes)} that nothing uses."


def say_reload_promise(
    reading: ProgramReading, fresh_bytes: int | None, isolation: str = "process"
) -> str:
    """What ends with the engine, and what a new one will take again.

    Args:
        reading: All processes now.
        fresh_bytes: What the engine held when it was last ready; None if that is not known.
        isolation: Where the engine runs, as in the settings.
    """
    engine = reading.of(ProcessRole.ENGINE)
    if isolation == "thread":
        return (
            "Gives up the model and loads it anew. It runs inside this program, so only a part "
            f"of its memory comes back. {RELOAD_AFTER}"
        )
    if engine is None:
        return "The model is not loaded now, so it has no memory to give back. This loads it."
    ends = f"Ends the engine: {format_bytes(engine.rss_bytes)} go back"
    if fresh_bytes is None:
        return f"{ends}; the new one takes what loading the model needs. {RELOAD_AFTER}"
    return f"{ends}, the new one takes about {format_bytes(fresh_bytes)} again. {RELOAD_AFTER}"
