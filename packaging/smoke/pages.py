"""Opens every page and dialog once: what a page needs is often imported only when it is opened."""

import time

from smoke.display import Display
from smoke.report import Report

# Words of its title, and the keys that open it from the window: a menu and its entry, or a key.
_DIALOGS = (
    ("Settings", ("ctrl+comma",)),
    ("Back up the index", ("alt+f", "b")),
    ("Restore a backup", ("alt+f", "r")),
    ("Where your text may go", ("alt+i", "w")),
    ("Memory test", ("alt+t", "t")),
    ("Allocation trace", ("alt+t", "a")),
    ("The data folder", ("alt+t", "c")),
    ("Disk use", ("alt+t", "d")),
    ("About Vext Desktop", ("alt+h", "a")),
    (": timeline", ("ctrl+3", "Return")),
)
# A busy machine loses a key while a menu is still being drawn.
_TRIES = 4
_KEY_S, _SETTLE_S, _DIALOG_S, _PLOTS_S = 0.4, 2.0, 10.0, 12.0


def open_dialogs(display: Display, window: str, report: Report) -> None:
    """Open each dialog from the window, look at it, and close it again.

    Args:
        display: Where the window is.
        window: The program's.
        report: Takes which ones came; one that does not ends the test.
    """
    for title, keys in _DIALOGS:
        came = any(_comes(display, window, title, keys) for _ in range(_TRIES))
        time.sleep(_SETTLE_S)
        display.picture(f"page-{title.strip(': ').lower().replace(' ', '-')}")
        if title.startswith("About"):
            _turn_pages(display)
        display.key(display.find(title) or window, "Escape")
        report.check(f"the dialog {title!r} opens", is_so=came)
        time.sleep(_KEY_S)
    display.key(window, "ctrl+1")


def open_memory(display: Display, window: str) -> None:
    """Show the details of the memory, whose plots are imported then, and hide them again."""
    display.key(window, "ctrl+d")
    time.sleep(_PLOTS_S)
    display.picture("page-memory")
    display.key(window, "ctrl+d")
    time.sleep(_KEY_S)


def _comes(display: Display, window: str, title: str, keys: tuple[str, ...]) -> bool:
    display.key(window, "Escape")
    for key in keys:
        display.press(key)
        time.sleep(_KEY_S)
    deadline = time.monotonic() + _DIALOG_S
    while time.monotonic() < deadline:
        if display.find(title):
            return True
        time.sleep(_KEY_S)
    return False


def _turn_pages(display: Display) -> None:
    """The licences and the diagnostics are read when their page is turned to."""
    for name in ("versions", "licences", "diagnostics"):
        display.press("ctrl+Tab")
        time.sleep(_SETTLE_S)
        display.picture(f"page-about-{name}")
