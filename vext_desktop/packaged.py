"""What to advise where a library is missing: an installed program takes none with pip."""

import sys

_INSTALL_AGAIN = "Something of this installed program is missing. Install Vext Desktop again."
_TORCH_ELSEWHERE = (
    "The installed program leaves out PyTorch, which would make it more than twice as large. "
    "Choose the engine onnx or onnx-int8, which find nearly the same; or install Vext Desktop "
    "from its source with pip and the extra torch (README, section Engines), which goes on with "
    "the same index."
)


def is_packaged() -> bool:
    """Whether this is the program of an installer, with a Python of its own inside."""
    return bool(getattr(sys, "frozen", False))


def how_to_install(command: str) -> str:
    """What to do to get what every installer brings, in a sentence.

    Args:
        command: The command that gets it where the program runs in somebody's Python.
    """
    return _INSTALL_AGAIN if is_packaged() else f"Install what that needs: {command}"


def how_to_get_torch() -> str:
    """What to do to get the engine `torch`, which no installer brings, in a sentence."""
    if is_packaged():
        return _TORCH_ELSEWHERE
    return (
        "The torch engine needs PyTorch: pip install torch sentence-transformers "
        "(README, section Engines, says which build)."
    )
