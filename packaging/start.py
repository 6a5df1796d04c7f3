"""The first lines of an installed program: what a checkout has as `python -m vext_desktop`."""

import os
import sys


def _give_back_environment() -> None:
    """Take out what the start of the packed program put into the environment.

    Its libraries are found without that. Programs that we start, such as the one that opens a
    document, would load ours instead of their own: https://pyinstaller.org/en/stable/
    common-issues-and-pitfalls.html#launching-external-programs-from-the-frozen-application
    """
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH"):
        before = os.environ.pop(f"{name}_ORIG", None)
        if before is not None:
            os.environ[name] = before
        else:
            os.environ.pop(name, None)
    inside = getattr(sys, "_MEIPASS", "")
    for name in ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH"):
        if inside and os.environ.get(name, "").startswith(inside):
            del os.environ[name]


if __name__ == "__main__":
    _give_back_environment()
    from vext_desktop.__main__ import main

    sys.exit(main())
