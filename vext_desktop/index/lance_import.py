"""Importing LanceDB without the client of its cloud service, which this program never uses."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vext_desktop.errors import StoreError

# How a panic of LanceDB's Rust code comes to Python: one is no `Exception`, the other has no module
# that could be imported.
PANICS = frozenset({"PanicException", "RustPanic"})

_CLOUD_CLIENT = "lance_namespace_urllib3_client"
_ONLY_USER = "lance_namespace"  # takes the models of requests from it, not the client


def import_lancedb() -> Any:
    """The module `lancedb`, imported now if need be; takes one or two seconds.

    LanceDB always imports its cloud's generated client: 14 MB and two thirds of the time. Only
    its package of models is wanted there, and that one comes without the rest if the package
    above it has not been run. Should a later LanceDB want more, it gets all of it.
    """
    spec = importlib.util.find_spec(_CLOUD_CLIENT)
    if spec is not None and _CLOUD_CLIENT not in sys.modules:
        sys.modules[_CLOUD_CLIENT] = importlib.util.module_from_spec(spec)
        try:
            importlib.import_module(_ONLY_USER)
        except (ImportError, AttributeError):
            for name in list(sys.modules):
                if name.partition(".")[0] in {_CLOUD_CLIENT, _ONLY_USER}:
                    del sys.modules[name]
    import lancedb  # noqa: PLC0415 - heavy

    return lancedb


@contextmanager
def told_panics() -> Iterator[None]:
    """A panic of LanceDB's Rust code as a `StoreError`.

    That is what it may meet in damaged files.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        if type(error).__name__ not in PANICS:
            raise
        raise StoreError(
            "LanceDB broke over a damaged file.", "Run vext-desktop doctor --repair."
        ) from error
