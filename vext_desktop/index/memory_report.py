"""The report of a memory test as plain JSON values: levels, owners, receipts."""

from vext_desktop.readings import CleanupReceipt, MemoryReading, ProgramBands, ProgramReading


def change_json(before: ProgramReading, after: ProgramReading) -> dict[str, int | None]:
    """By how many bytes the three curves moved."""
    return {
        "rss": after.rss_bytes - before.rss_bytes,
        "heap": _difference(after.heap_bytes, before.heap_bytes),
        "native": _difference(after.native_bytes, before.native_bytes),
    }


def reading_json(reading: ProgramReading) -> dict[str, object]:
    """The three curves and what is held, in bytes, of all processes and of each."""
    return {
        **_levels(reading),
        "processes": {str(process.role): _levels(process) for process in reading.processes},
    }


def bands_json(picture: ProgramBands | None) -> dict[str, object] | None:
    """The owner bands in bytes, of all processes and of each; None where none were taken."""
    if picture is None:
        return None
    return {
        **{str(band): count for band, count in picture.bands.items()},
        "explained_share": round(picture.explained_share, 4),
        "processes": {
            str(process.role): {
                **{str(band): count for band, count in process.bands.items()},
                "explained_share": round(process.explained_share, 4),
            }
            for process in picture.processes
        },
    }


def receipt_json(receipt: CleanupReceipt) -> dict[str, object]:
    """What was promised, what came back, and by which owner."""
    return {
        "action": str(receipt.action),
        "trigger": receipt.trigger,
        "promised_bytes": receipt.promised_bytes,
        "returned_bytes": receipt.returned_bytes,
        "milliseconds": round(receipt.seconds * 1000, 1),
        "sentence": receipt.sentence,
        "bands_before": bands_json(receipt.bands_before),
        "bands_after": bands_json(receipt.bands_after),
    }


def _levels(reading: ProgramReading | MemoryReading) -> dict[str, object]:
    return {
        "rss": reading.rss_bytes,
        "heap": reading.heap_bytes,
        "native": reading.native_bytes,
        "held": reading.held_bytes,
    }


def _difference(later: int | None, earlier: int | None) -> int | None:
    return None if later is None or earlier is None else later - earlier
