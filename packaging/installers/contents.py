"""What goes into the program that PyInstaller makes, and what is left out, each with its reason."""

import json
import re
import sys
from pathlib import Path
from typing import Any

# Loaded by name, or only on some systems, so that no analysis of imports can see them.
HIDDEN_PACKAGES = ("vext_desktop",)
# pyqtgraph imports these by name as soon as it is imported, whether or not a curve is drawn with
# OpenGL; without them there are no plots at all.
HIDDEN_MODULES = ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets")

# Distributions whose version is asked for at run time (doctor, reports, prepared models); all
# others are known to the list of licences alone.
WITH_METADATA = (
    "lancedb",
    "lxml",
    "numpy",
    "onnx",
    "onnxruntime",
    "pyarrow",
    "pypdfium2",
    "pyqtgraph",
    "PySide6-Essentials",
    "selectolax",
    "tokenizers",
)

EXCLUDED_MODULES = (
    # The reference engine and what comes with it: more than the rest of the program together.
    "torch",
    "sentence_transformers",
    "transformers",
    "scipy",
    "sklearn",
    "matplotlib",
    "pandas",
    # Of Python: other windows, terminals and databases; some stand on GPL libraries.
    "tkinter",
    "_tkinter",
    "turtle",
    "idlelib",
    "readline",
    "curses",
    "_curses",
    "dbm.gnu",
    "_gdbm",
    "dbm.ndbm",
    "_dbm",
    "nis",
    "lib2to3",
    "distutils",
    "pydoc_data",
    "ensurepip",
    "venv",
    # Tools of those who build the libraries.
    "pip",
    "setuptools",
    "pkg_resources",
    "PyInstaller",
    "cython",
    "Cython",
    "pytest",
    "IPython",
    "jedi",
    "numpy.f2py",
    "numpy.distutils",
    "onnx.backend.test",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
    # Of the libraries: what only their other uses need.
    "huggingface_hub",
    "hf_xet",
    "lxml.objectify",
    "click",
    "fsspec",
    "pycparser",
    "pygments",
    "pypdfium2_cli",
    "yaml",
    "pyarrow.flight",
    "pyarrow._flight",
    "pyarrow.orc",
    "pyarrow._orc",
    "pyarrow.cuda",
    "pyarrow.jvm",
    "pyarrow.tests",
    "pyqtgraph.opengl",
    "pyqtgraph.examples",
    "pyqtgraph.console",
    "pyqtgraph.jupyter",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickWidgets",
    "PySide6.QtSql",
    "PySide6.QtTest",
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtUiTools",
    "PySide6.QtXml",
    "PySide6.QtConcurrent",
    "PySide6.QtPrintSupport",
    "PySide6.QtNetwork",
    "PySide6.QtDBus",
    "PySide6.scripts",
)

_QT_PLUGINS_KEPT = (
    r"platforms/(libqxcb|libqwayland\w*|libqoffscreen|libqminimal|libqcocoa|qwindows|qoffscreen)\b",
    r"platformthemes/libqxdgdesktopportal\b",
    r"platforminputcontexts/lib(compose|ibus)platforminputcontextplugin\b",
    r"xcbglintegrations/",
    r"wayland-(shell-integration/libxdg-shell|decoration-client/|graphics-integration-client/libqt)",
    r"(iconengines|imageformats)/(lib)?q(svg|svgicon|ico|icns|jpeg|gif)\b",
    r"styles/",
)
_QT_PLUGIN = re.compile(r"PySide6/(Qt/)?plugins/")
_QT_PLUGIN_KEPT = re.compile(rf"PySide6/(Qt/)?plugins/({'|'.join(_QT_PLUGINS_KEPT)})")

_LEFT_OUT_PLACES = (
    # Headers, sources and types of the libraries.
    r"\.(h|hpp|pxd|pyx|pxi|pyi|cc|cpp|proto|cmake|pc|a|lib|c)$",
    r"(^|/)(tests?|examples|include|benchmarks)/",
    # pyarrow's client of databases, its cloud stores, and second copies of its own library.
    r"libarrow_(flight|s3)\.|libarrow_python_flight",
    r"libarrow_python\w*\.so$|libarrow_python\w*\.so\.\d+\.",
    r"pyarrow/_(flight|s3fs|gcsfs|azurefs|hdfs|orc|cuda)\.",
    # ONNX Runtime once more, for programs in C++.
    r"onnxruntime/capi/libonnxruntime\.(so|dylib)|onnxruntime/capi/onnxruntime\.dll",
    # Qt in other languages than the program speaks, and QML.
    r"PySide6/(Qt/)?(translations|qml|resources|metatypes)/",
    r"libQt6(Qml|Quick|Pdf|VirtualKeyboard|Sql|Test|Designer|Help|WaylandCompositor|Network|EglF)",
    r"libQt6WlShellIntegration",
    r"PySide6/Qt6(Qml|Quick|Pdf|VirtualKeyboard|Sql|Test|Designer|Help|Network)",
    r"\.gitattributes$",
    r"opengl32sw\.dll|d3dcompiler_47\.dll",
)
_LEFT_OUT = re.compile("|".join(_LEFT_OUT_PLACES))

# What must be the system's own: it speaks to the display server, the fonts, the password store or
# the graphics driver that are there, and a copy from elsewhere breaks that. Their names without
# "lib" and from ".so" on.
_OF_THE_SYSTEM = re.compile(
    r"^lib("
    r"(glib|gobject|gio|gmodule|gthread)-2\.0|gtk-\d|gdk\w*-\S+|pango\w*-1\.0|cairo[\w-]*|"
    r"atk\S*|atspi|epoxy|harfbuzz[\w-]*|fribidi|thai|datrie|graphite2|rsvg-2|"
    r"fontconfig|freetype|expat|png16|brotli\w*|"
    r"EGL|GL|GLX|GLdispatch|OpenGL|gbm|drm|vulkan|"
    r"X11|X11-xcb|Xau|Xdmcp|Xext|Xi|Xrender|Xrandr|Xcursor|Xfixes|Xcomposite|Xdamage|Xinerama|"
    r"ICE|SM|xcb|xcb-dri\d|xcb-glx|xcb-present|xcb-render|xcb-shm|wayland-\w+|"
    r"dbus-1|systemd|udev|mount|blkid|selinux|cap|gcrypt|gpg-error|"
    r"gssapi_krb5|krb5|k5crypto|krb5support|com_err|keyutils|"
    r"bsd|md|pcre2?-\w+|stdc\+\+|gcc_s|"
    # What those would have needed.
    r"pixman-1|lz4|jpeg"
    r")\.so"
)


def is_kept(destination: str) -> bool:
    """Whether a file that PyInstaller found goes into the program.

    Args:
        destination: Where it would lie in the program, with either kind of slash.
    """
    place = destination.replace("\\", "/")
    if _QT_PLUGIN.match(place):
        return _QT_PLUGIN_KEPT.match(place) is not None
    if sys.platform == "linux" and _OF_THE_SYSTEM.match(place.rpartition("/")[2]):
        return False
    return _LEFT_OUT.search(place) is None


def read_info_plist() -> dict[str, Any]:
    """What the application for macOS says of itself beside its name and version."""
    place = Path(__file__).resolve().parents[1] / "macos" / "Info.json"
    told: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return told
