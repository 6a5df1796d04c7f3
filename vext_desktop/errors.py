"""The errors a person can meet: each has a message, a hint and an exit code."""

from typing import Any

# What to do about damage in the data folder.
REPAIR_HINT = (
    "The window offers to repair it; in the terminal: vext-desktop doctor --repair. What is "
    "readable is kept, and nothing is deleted."
)
# A child computes and reads; it writes neither into documents nor into the index.
_CHILD_HINT = (
    "Your files and what is indexed are as before. The next search or run starts another one."
)


class VextError(Exception):
    """Something the user should know: what happened, and what to do about it.

    Args:
        message: One sentence: what happened and what it means for the user's files.
        hint: One sentence: what to do next; empty when there is nothing to do.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def facts(self) -> dict[str, Any]:
        """What else there is to know, as JSON values: the way from a child to its parent."""
        return {}


class UsageError(VextError):
    """The program was asked for something that makes no sense."""

    exit_code = 2


class DataFolderBusyError(VextError):
    """Another Vext Desktop writes to this data folder."""


class DataFolderReadOnlyError(VextError):
    """The data folder may not be written to, so nothing can be indexed; searching goes on."""


class StoreError(VextError):
    """The index cannot be read or written."""


class StoreUnreadableError(StoreError):
    """What the index consists of on disk cannot be read, for whatever reason."""


class DiskFullError(StoreError):
    """The disk of the data folder is full: what is written already is safe."""


class RunRecordError(VextError):
    """The saved record of a run cannot be read or written."""


class ModelError(VextError):
    """The model cannot be found, verified or loaded."""


class EmbeddingError(VextError):
    """The model answered, but not with usable vectors for these texts."""


class TextRefusedError(EmbeddingError):
    """A service does not take these very texts; others it may take."""


class ServiceError(ModelError):
    """A service gave no vectors, for no fault of the texts.

    Args:
        message: As for every error.
        hint: The same.
        may_pass: Whether the same request may succeed a little later.
        retry_after_s: How long the service asks to be left alone, in seconds; None if it does not.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        may_pass: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.may_pass = may_pass
        self.retry_after_s = retry_after_s

    @property
    def facts(self) -> dict[str, Any]:
        """Its own arguments."""
        return {"may_pass": self.may_pass, "retry_after_s": self.retry_after_s}


class ConsentError(ModelError):
    """Text would leave this computer, and nobody has agreed to that."""


class ChildError(VextError):
    """A child process did not do its work."""


class ChildDiedError(ChildError):
    """A child process ended while it was needed.

    Args:
        role: Which child ("engine" or "reader").
        exit_code: As the system gave it: negative is a signal number; None if not known.
        log_tail: The last lines that the child wrote.
    """

    def __init__(self, role: str, exit_code: int | None, log_tail: str = "") -> None:
        super().__init__(
            f"The {role} process ended unexpectedly ({describe_exit(exit_code)}).", _CHILD_HINT
        )
        self.role = role
        self.child_exit_code = exit_code
        self.log_tail = log_tail


class ChildHungError(ChildError):
    """A child process did not answer in time and was ended.

    Args:
        role: Which child ("engine" or "reader").
        waited_s: How long it was waited for, in seconds.
        log_tail: The last lines that the child wrote.
    """

    def __init__(self, role: str, waited_s: float, log_tail: str = "") -> None:
        super().__init__(
            f"The {role} process did not answer for {waited_s:.0f} s and was ended.", _CHILD_HINT
        )
        self.role = role
        self.waited_s = waited_s
        self.log_tail = log_tail


class ChildReplyError(ChildError):
    """A child process is well, but answered a request with an error.

    Args:
        kind: The name of the error in the child, for code that decides by it.
        message: What the child said.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.told: dict[str, Any] = {}  # the error's facts


class CancelledError(VextError):
    """The program is closing; what was waited for is no longer wanted."""


_SIGNALS_IN_WORDS = {
    "SIGABRT": "a library gave up",
    "SIGBUS": "memory that is not there was used",
    "SIGFPE": "a forbidden calculation",
    "SIGILL": "an instruction that this processor lacks",
    "SIGKILL": "ended from outside",
    "SIGSEGV": "a fault in native code",
    "SIGTERM": "asked to end",
}
# What Windows gives as exit codes of processes that broke (ntstatus.h).
_STATUS_IN_WORDS = {
    0xC0000005: "a fault in native code",
    0xC0000017: "memory ran out",
    0xC000001D: "an instruction that this processor lacks",
    0xC00000FD: "the stack was full",
    0xC0000374: "native memory was damaged",
    0xC0000409: "a library gave up",
}


def describe_exit(exit_code: int | None) -> str:
    """Say in words how a process ended; a negative code is the number of a signal."""
    import signal  # noqa: PLC0415 - only ever needed when something has gone wrong

    if exit_code is None:
        return "reason unknown"
    if exit_code >= 0:
        words = _STATUS_IN_WORDS.get(exit_code)
        return f"exit code {exit_code:#x}: {words}" if words else f"exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"
    words = _SIGNALS_IN_WORDS.get(name)
    return f"signal {name}: {words}" if words else f"signal {name}"
