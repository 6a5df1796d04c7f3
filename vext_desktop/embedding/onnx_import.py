"""Importing ONNX Runtime so that it reports nothing to anybody."""

import os
import sys
from typing import Any

# Its official builds tell Microsoft over the network what they are used for, and keep an identifier
# of the computer and what is not yet sent below ~/.cache/Microsoft, unless this stands in the
# environment when it is loaded: https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md.
# The second name is that of some releases: https://github.com/microsoft/onnxruntime/pull/29843.
_SILENT = {"ORT_DISABLE_TELEMETRY": "1", "ORT_TELEMETRY_DISABLED": "1"}


def import_onnxruntime() -> Any:
    """The module `onnxruntime`, imported now if need be; the only way to it.

    It decides when it is loaded, for as long as the process lives; the environment is as before
    then.

    Raises:
        ImportError: It is not installed.
    """
    if "onnxruntime" in sys.modules:
        return sys.modules["onnxruntime"]
    before = {name: os.environ.get(name) for name in _SILENT}
    os.environ.update(_SILENT)
    try:
        import onnxruntime  # noqa: PLC0415 - heavy

        onnxruntime.disable_telemetry_events()  # what Windows has instead of the environment
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return onnxruntime
