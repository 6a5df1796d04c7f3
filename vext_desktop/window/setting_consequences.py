"""What a change of settings brings about, said before it is made."""

from collections.abc import Iterable, Sequence

from vext_desktop.settings.declaration import Acts
from vext_desktop.settings.info import SettingInfo

# What a group of reindexing settings decides, for the sentence.
_CUTTING = frozenset({"chunk_size", "chunk_overlap", "service_max_tokens"})

NOTHING_TO_BUILD = "Nothing has to be indexed again for this: such an index is there already."


def say_consequences(
    changed: Iterable[SettingInfo], files: int, cost: str | None, *, is_running: bool
) -> str:
    """The consequences in sentences; "" when the change just counts at once.

    Args:
        changed: The settings that are changed.
        files: How many files are indexed.
        cost: What indexing everything again takes, in sentences; "" if that is not necessary,
            None while it is not known.
        is_running: Whether a run is on.
    """
    changed = list(changed)
    sentences = []
    reindexing = [info for info in changed if info.reindexes]
    if reindexing:
        sentences.append(_say_rebuild(reindexing, files, cost))
        if is_running and files and cost != "":
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


def say_waiting(changed: Sequence[SettingInfo]) -> str:
    """What of an applied change waits for the end of the run that is on; "" if nothing does."""
    if any(info.reindexes for info in changed):
        return (
            "The run that is on comes to its end with the settings that it began with. Then your "
            "change counts, and the new index is begun."
        )
    if any(info.acts is Acts.ENGINE for info in changed):
        return (
            "The run that is on goes on with the model that it has loaded. Your change counts when "
            "it has ended."
        )
    return ""


def _say_rebuild(reindexing: list[SettingInfo], files: int, cost: str | None) -> str:
    only_cutting = all(info.name in _CUTTING for info in reindexing)
    what = "how passages are cut" if only_cutting else "the model that reads your documents"
    if not files:
        return f"Changes {what}. Nothing is indexed yet, so nothing has to be done again."
    if cost is None:
        return f"Changes {what}. What that takes is being looked up\N{HORIZONTAL ELLIPSIS}"
    return cost or NOTHING_TO_BUILD
