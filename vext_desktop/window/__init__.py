"""The window: the only package that imports PySide6 and pyqtgraph."""

from vext_desktop.window import import_hook as import_hook  # before any other module imports Qt
