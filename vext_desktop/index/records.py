"""What the ledger knows, as values: roots, files and runs."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from vext_desktop.outcomes import Outcome

# The states in which the passages of a file are shown: they are those of its present content
# (INDEXED, OFFLINE) or of the content before a change that is still to be read.
SEARCHABLE_STATES = frozenset(
    {Outcome.INDEXED, Outcome.WAITING, Outcome.CHANGED_WHILE_READING, Outcome.OFFLINE}
)

# Outcomes that say nothing about the content: the passages of before are kept, and every run
# tries again. UNREADABLE keeps its passages, but they are not shown while it may not be opened.
PASSING_OUTCOMES = frozenset(
    {Outcome.UNREADABLE, Outcome.CHANGED_WHILE_READING, Outcome.VANISHED, Outcome.OFFLINE}
)

# A busy or crowded machine can bring these about: the next run tries once more, after which
# the file is in quarantine: it rests until it changes or the user asks.
SECOND_CHANCE_OUTCOMES = frozenset(
    {
        Outcome.PARSER_CRASHED,
        Outcome.TIME_LIMIT,
        Outcome.MEMORY_LIMIT,
        Outcome.PROGRAM_CRASHED,
    }
)
MAX_FAILURES = 2
QUARANTINE_SENTENCE = "That happened twice; it is left alone until it changes or you choose Retry."


class Found(Protocol):
    """A file as the scanner met it; see `documents.scanner.FoundFile`."""

    @property
    def path(self) -> str: ...  # noqa: D102 - the attributes are told by FoundFile
    @property
    def size_bytes(self) -> int: ...  # noqa: D102
    @property
    def mtime_ns(self) -> int: ...  # noqa: D102
    @property
    def outcome(self) -> Outcome | None: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of the index.

    Attributes:
        file_id: Never used twice, also not after the file is gone.
        path: Absolute; undecodable bytes as lone surrogates, as Python gives them.
        size_bytes: As last met on disk, as is `mtime_ns`.
        mtime_ns: Time of last change, in ns since 1970.
        content_hash: Of the content that the passages or the reason speak of; "" if not known.
        state: What became of it.
        reason: A sentence, for a file that is not, or not wholly, indexed; else "".
        generation: Which passages in the store are the file's; 0 when it has none there. A
            changed file that waits keeps its passages until the new ones are written.
        chunks: How many passages that are.
        indexed_at: When they were written, in s since 1970; None when there are none.
        index_key: The model and chunking that they were made with; without any, those that
            the file was last tried with.
        failures: How often reading it ended a process or met a limit, being as it is now.
        admitted: Whether the user wants it read whatever memory it may take: 0 or 1.
    """

    file_id: int
    path: str
    size_bytes: int
    mtime_ns: int
    content_hash: str
    state: Outcome
    reason: str
    generation: int
    chunks: int
    indexed_at: float | None
    index_key: str
    failures: int = 0
    admitted: int = 0

    @property
    def is_quarantined(self) -> bool:
        """Whether it is left alone until it changes or the user chooses Retry."""
        return self.state in SECOND_CHANCE_OUTCOMES and self.failures >= MAX_FAILURES

    @property
    def is_suspect(self) -> bool:
        """Whether it is to be read again after a failure, better apart from other files."""
        return self.state is Outcome.WAITING and self.failures > 0

    @property
    def is_searchable(self) -> bool:
        """Whether its passages are shown by a search."""
        return self.generation > 0 and self.state in SEARCHABLE_STATES


@dataclass(frozen=True, slots=True)
class DoneFile:
    """A file whose passages are all in the store.

    Attributes:
        file_id: Which file.
        generation: What `begin_file` gave for these passages.
        chunks: How many they are.
        size_bytes: Of the content that was read, as is `mtime_ns`.
        mtime_ns: Time of last change, in ns since 1970.
        index_key: The model and chunking they were made with.
        reason: A sentence, if not all of it is indexed.
    """

    file_id: int
    generation: int
    chunks: int
    size_bytes: int
    mtime_ns: int
    index_key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NotedFiles:
    """What a group of scanned files came to; each file is counted once.

    Attributes:
        waiting: To be read.
        bytes_waiting: Their size.
        unchanged: In the index as they are.
        set_aside: Not to be read, each with its reason.
        ignored: Left out at the user's request.
    """

    waiting: int = 0
    bytes_waiting: int = 0
    unchanged: int = 0
    set_aside: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class RootRecord:
    """A folder or file that the user gave, and how its files stand.

    Attributes:
        path: Absolute.
        files: All files known beneath it.
        indexed: Those in the index.
        set_aside: Those with a reason why they are not.
        is_offline: Whether it could not be reached at the last look.
    """

    path: str
    files: int
    indexed: int
    set_aside: int
    is_offline: bool


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run over the folders.

    Attributes:
        run_id: Counts up.
        started_at: In s since 1970.
        ended_at: The same; None while it runs, or if the program was ended in its middle.
        end: A word of `events.RunEnd`; "" while `ended_at` is None.
        roots: What it was asked for.
        summary: Plain JSON values, as `index --json` promises them.
    """

    run_id: int
    started_at: float
    ended_at: float | None
    end: str
    roots: tuple[str, ...]
    summary: dict[str, object] = field(default_factory=dict)


class FileBand(StrEnum):
    """The groups of files that a list of documents can show."""

    ALL = "all"
    INDEXED = "indexed"
    WAITING = "waiting"
    SET_ASIDE = "set_aside"
    OFFLINE = "offline"
    IGNORED = "ignored"

    @property
    def states(self) -> tuple[Outcome, ...]:
        """The states of the files in it, in the order in which they are listed."""
        if self is FileBand.ALL:
            return ()
        if self is FileBand.SET_ASIDE:
            return tuple(sorted(state for state in Outcome if state.is_set_aside))
        return (Outcome(self.value),)
