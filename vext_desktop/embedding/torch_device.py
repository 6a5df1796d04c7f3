"""What torch computes on: the processor or a graphics card, and why that one."""

import subprocess
import sys
from dataclasses import dataclass

_ASK_LIMIT_S = 120.0
_NAMES = {"cuda": "an NVIDIA card (CUDA)", "mps": "Apple's graphics (MPS)"}


@dataclass(frozen=True, slots=True)
class TorchDevice:
    """Where torch computes.

    Attributes:
        name: As torch takes it: "cpu", "cuda" or "mps".
        reason: Why, for people.
        is_as_chosen: False when the settings name one that is not there.
    """

    name: str
    reason: str
    is_as_chosen: bool = True


def choose_device(wanted: str) -> TorchDevice:
    """Choose by the setting and by what torch can use here; imports torch.

    Args:
        wanted: "auto", "cpu", "cuda" or "mps".
    """
    if wanted == "cpu":
        return TorchDevice("cpu", "the settings say so")
    usable = _usable()
    if wanted in usable:
        return TorchDevice(wanted, f"the settings say so: {usable[wanted]}")
    if wanted == "auto":
        for name, what in usable.items():
            return TorchDevice(name, what)
        return TorchDevice("cpu", _why_none())
    return TorchDevice(
        "cpu",
        f"the settings ask for {_NAMES[wanted]}, but {_why_none(wanted)}",
        is_as_chosen=False,
    )


def ask_device(wanted: str) -> str:
    """What `choose_device` says, asked in a process of its own; takes seconds."""
    code = (
        "from vext_desktop.embedding.torch_device import choose_device\n"
        f"device = choose_device({wanted!r}); print(device.name, device.reason, sep='|')"
    )
    try:
        answer = subprocess.run(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=_ASK_LIMIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "torch could not say what it computes on"
    name, _, reason = answer.stdout.strip().rpartition("\n")[2].partition("|")
    return f"computes on {name}: {reason}"


def _usable() -> dict[str, str]:
    """The graphics that torch can use, the quickest first, each with its name."""
    import torch  # noqa: PLC0415 - heavy

    found = {}
    if torch.cuda.is_available():
        found["cuda"] = f"torch can use {torch.cuda.get_device_name(0)}"
    if torch.backends.mps.is_available():
        found["mps"] = f"torch can use {_NAMES['mps']}"
    return found


def _why_none(wanted: str = "") -> str:
    import torch  # noqa: PLC0415 - heavy

    if wanted != "mps" and sys.platform != "darwin" and torch.version.cuda is None:
        return "this torch is built for the processor alone"
    return f"torch sees no {'graphics card' if wanted != 'mps' else 'MPS'} that it can use"
