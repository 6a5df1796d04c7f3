"""Imports PySide6 once and takes its costly import hook away again.

From its import on, PySide6 looks at every module that is imported anywhere in the process and
keeps that module's source: about 150 MB once a model library or a database comes in (674 MB
against 506 for lancedb and sentence-transformers). Only `from __feature__ import snake_case`
needs that hook, and we do not use it. https://bugreports.qt.io/browse/PYSIDE-2029
"""

import builtins

_import_before = builtins.__import__

import PySide6.QtCore  # noqa: E402, F401 - its import installs the hook, so the line above is first

# What the hook itself would call: newer versions have a second, cheap hook beneath the first, for
# `from PySide6.QtCore import *`, which stays.
builtins.__import__ = getattr(builtins, "__orig_import__", _import_before)
