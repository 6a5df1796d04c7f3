"""Imports PySide6 once and takes its import hook away again.

From its import on, PySide6 looks at every module that is imported anywhere in the process and
keeps that module's source: about 150 MB once a model library or a database comes in. Only
`from __feature__ import snake_case` needs the hook, and we do not use it.
https://bugreports.qt.io/browse/PYSIDE-2029
"""

import builtins

_python_import = builtins.__import__

import PySide6.QtCore  # noqa: E402, F401 - its import installs the hook, so the line above is first

builtins.__import__ = _python_import
