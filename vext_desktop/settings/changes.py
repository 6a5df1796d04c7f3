"""What of a change of settings counts when."""

from vext_desktop.settings import Settings
from vext_desktop.settings.declaration import Acts, setting_extra

# What the reader's process is told when it starts.
_READER_NAMES = frozenset(
    {
        "max_file_mb",
        "max_pages",
        "max_characters",
        "max_expansion",
        "max_members",
        "max_depth",
        "ocr",
        "ocr_languages",
        "reader_timeout_s",
        "reader_memory_mb",
        "engine_priority",
    }
)


def changed_names(before: Settings, after: Settings) -> frozenset[str]:
    """The settings that differ."""
    return frozenset(
        name for name in Settings.model_fields if getattr(before, name) != getattr(after, name)
    )


def within_run(before: Settings, after: Settings) -> Settings:
    """The settings of before, with what counts at once, also for a run that is on."""
    return _taken_over(before, after, frozenset({Acts.NOW}))


def without_restart(before: Settings, after: Settings) -> Settings:
    """The settings of after, but for what needs the program to be started again."""
    return _taken_over(before, after, frozenset(Acts) - {Acts.START})


def needs_fresh_processes(before: Settings, after: Settings) -> bool:
    """Whether the engine or the reader has to be started anew, so that the change counts."""
    changed = changed_names(before, after)
    return bool(changed & _READER_NAMES) or any(
        setting_extra(Settings.model_fields[name])["acts"] is Acts.ENGINE for name in changed
    )


def _taken_over(before: Settings, after: Settings, when: frozenset[Acts]) -> Settings:
    changed = {
        name: getattr(after, name)
        for name in changed_names(before, after)
        if setting_extra(Settings.model_fields[name])["acts"] in when
    }
    return before.model_copy(update=changed)
