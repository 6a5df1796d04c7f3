"""What a run tells the world: the one vocabulary of every front end, log and report."""

from vext_desktop.events.accidents import (
    IndexMended,
    RoomShort,
)
from vext_desktop.events.processes import (
    BatchSizeChanged,
    ChildDied,
    ChildStarted,
    ChildStarting,
    CleanupFinished,
    MemoryJudged,
    MemoryPictured,
    MemoryWarned,
    WarningKind,
)
from vext_desktop.events.rebuilds import (
    IndexSwapped,
    RebuildHeld,
)
from vext_desktop.events.run import (
    BatchFinished,
    BatchRetried,
    ChunkSetAside,
    FileFinished,
    FileStarted,
    GroupWritten,
    IndexEvent,
    Progress,
    RunEnd,
    RunFinished,
    RunHalted,
    RunStarted,
    ScanFinished,
    ScanProgressed,
    StoreMaintained,
    StoreMaintaining,
)
from vext_desktop.events.services import (
    SendingAsked,
    ServiceAwaited,
)

__all__ = [
    "BatchFinished",
    "BatchRetried",
    "BatchSizeChanged",
    "ChildDied",
    "ChildStarted",
    "ChildStarting",
    "ChunkSetAside",
    "CleanupFinished",
    "FileFinished",
    "FileStarted",
    "GroupWritten",
    "IndexEvent",
    "IndexMended",
    "IndexSwapped",
    "MemoryJudged",
    "MemoryPictured",
    "MemoryWarned",
    "Progress",
    "RebuildHeld",
    "RoomShort",
    "RunEnd",
    "RunFinished",
    "RunHalted",
    "RunStarted",
    "ScanFinished",
    "ScanProgressed",
    "SendingAsked",
    "ServiceAwaited",
    "StoreMaintained",
    "StoreMaintaining",
    "WarningKind",
]
