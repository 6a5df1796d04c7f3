"""What a change of settings brings about, said before it is made."""

from collections.abc import Iterable
from dataclasses import dataclass

from vext_desktop.settings.declaration import Acts
from vext_desktop.settings.info import SettingInfo
from vext_desktop.window.run_sentences import say_count, say_time_left

# What a group of reindexing settings decides, for the sentence.
_CUTTING = frozenset({"chunk_size", "chunk_overlap", "service_max_tokens"})


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What indexing everything again would take.

    Attributes:
        files: How many files.
        seconds: How long, by the rate of the last run; None if there was none.
    """

    files: int
    seconds: float | None


def say_consequences(changed: Iterable[SettingInfo], rebuild: Rebuild, *, is_running: bool) -> str:
    """The consequences in sentences; "" when the change just counts at once.

    Args:
        changed: The settings that are changed.
        rebuild: What indexing everything again would take.
        is_running: Whether a run is on.
    """
    changed = list(changed)
    sentences = []
    reindexing = [info for info in changed if info.reindexes]
    if reindexing:
        sentences.append(_say_rebuild(reindexing, rebuild))
        if is_running and rebuild.files:
            sentences.append("The run that is on comes to its end first.")
    if any(info.acts is Acts.ENGINE and not info.reindexes for info in changed):
        when = " when the run that is on has ended" if is_running else ""
        sentences.append(f"The model is loaded anew{when}.")
    if is_running and any(info.acts is Acts.RUN and not info.reindexes for info in changed):
        sentences.append("What concerns a run counts from the next one on.")
    sentences += [
        f"“{info.label}” counts when the program is started again."
        for info in changed
        if info.acts is Acts.START
    ]
    return " ".join(sentences)


def _say_rebuild(reindexing: list[SettingInfo], rebuild: Rebuild) -> str:
    only_cutting = all(info.name in _CUTTING for info in reindexing)
    what = "how passages are cut" if only_cutting else "the model that reads your documents"
    if not rebuild.files:
        return f"Changes {what}. Nothing is indexed yet, so nothing has to be done again."
    are = "is" if rebuild.files == 1 else "are"
    time = f", {say_time_left(rebuild.seconds)}" if rebuild.seconds is not None else ""
    return (
        f"Changes {what}: {say_count(rebuild.files, 'file')} {are} indexed again{time}; "
        "search works meanwhile."
    )
