"""Every setting: declared once, read from five places, described, changed."""

from vext_desktop.settings.declared import (
    LoadedSettings,
    Origin,
    SettingNotice,
    Settings,
    Source,
    reindexing_names,
)

__all__ = [
    "LoadedSettings",
    "Origin",
    "SettingNotice",
    "Settings",
    "Source",
    "reindexing_names",
]
