"""What a scan changes in the ledger: new files, changed ones; `ledger_unmet` has the gone ones."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vext_desktop.index.ledger_changes import clean, drop_passages
from vext_desktop.index.ledger_paths import (
    suffix_of,
    to_bytes,
)
from vext_desktop.index.records import (
    MAX_FAILURES,
    PASSING_OUTCOMES,
    SECOND_CHANCE_OUTCOMES,
    Found,
    NotedFiles,
)
from vext_desktop.outcomes import Outcome

# States in which a reason speaks of the passages: some of them may be missing.
_INDEXED = frozenset({Outcome.INDEXED, Outcome.OFFLINE})
# What has failed before comes last: whatever it does, the others are done by then.
_USUAL, _LAST = 1, 2
_STATES = {outcome.value: outcome for outcome in Outcome}  # half as long as Outcome(...)
# SQLite takes at least 999 placeholders.
_ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knew of a file before this scan met it (columns of `files`)."""

    file_id: int
    state: Outcome
    reason: str
    size_bytes: int
    mtime_ns: int
    generation: int
    index_key: str
    needs_reading: bool
    failures: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a file met by a scan is now.

    Attributes:
        state: Its new state.
        reason: Its new reason.
        keeps_passages: Whether what the store has of it stays.
        needs_reading: Whether it must be read before it can be called indexed.
    """

    state: Outcome
    reason: str = ""
    keeps_passages: bool = True
    needs_reading: bool = False


def decide(known: Known | None, found: Found, index_key: str) -> Decision:
    """What becomes of a file that a scan has met; the rules of the ledger's docstring."""
    if known is not None and known.state is Outcome.IGNORED:
        return Decision(Outcome.IGNORED, known.reason, needs_reading=True)
    is_same = (
        known is not None
        and not known.needs_reading
        and known.size_bytes == found.size_bytes
        and known.mtime_ns == found.mtime_ns
    )
    is_indexed = known is not None and is_same and known.generation > 0
    # A file whose content went back to the cloud is indexed as long as it is the same there.
    is_there = found.outcome in {None, Outcome.ONLINE_ONLY}
    if known is not None and is_indexed and is_there and known.index_key == index_key:
        return Decision(Outcome.INDEXED, known.reason if known.state in _INDEXED else "")
    if found.outcome is not None:
        passing = found.outcome in PASSING_OUTCOMES
        reason = found.reason or found.outcome.sentence
        return Decision(found.outcome, reason, passing, needs_reading=not (passing and is_indexed))
    if known is not None and is_same and _rests(known, index_key):
        return Decision(known.state, known.reason)
    return Decision(Outcome.WAITING, needs_reading=True)


def _rests(known: Known, index_key: str) -> bool:
    """Whether a file that was set aside stays so, being the same as then."""
    if known.generation > 0 or not known.state.is_set_aside:
        return False
    if known.state in SECOND_CHANCE_OUTCOMES:
        return known.failures >= MAX_FAILURES
    if known.state is Outcome.NOT_EMBEDDED:
        return known.index_key == index_key
    return True


def note(
    connection: sqlite3.Connection, found: Iterable[Found], run_id: int, index_key: str
) -> NotedFiles:
    """Bring the ledger up to date with some scanned files; inside a transaction."""
    by_path = {to_bytes(file.path): file for file in found}
    known = _known(connection, list(by_path))
    decisions = [
        (path, file, known.get(path), decide(known.get(path), file, index_key))
        for path, file in by_path.items()
    ]
    new, same, changed = [], [], []
    for path, file, before, decision in decisions:
        if before is None:
            facts = _facts(file, decision)
            new.append((path, suffix_of(file.path), *facts, run_id, index_key))
        elif _is_as_before(before, file, decision):
            same.append((run_id, before.file_id))
        else:
            keeps = before.generation > 0 and decision.keeps_passages
            key = before.index_key if keeps else index_key
            failures = before.failures if _has_same_facts(before, file) else 0
            turn = _LAST if failures else _USUAL
            changed.append((*_facts(file, decision), run_id, key, failures, turn, before.file_id))
    connection.executemany(
        "INSERT INTO files (path, suffix, size_bytes, mtime_ns, state, reason, needs_reading,"
        " seen_run, index_key) VALUES (?,?,?,?,?,?,?,?,?)",
        new,
    )
    # Alone because it touches no index: a second scan is twice as quick for it.
    connection.executemany("UPDATE files SET seen_run = ? WHERE file_id = ?", same)
    drop_passages(
        connection,
        [
            before.file_id
            for _, _, before, decision in decisions
            if before is not None and before.generation > 0 and not decision.keeps_passages
        ],
    )
    connection.executemany(
        "UPDATE files SET size_bytes = ?, mtime_ns = ?, state = ?, reason = ?, needs_reading = ?,"
        " seen_run = ?, index_key = ?, failures = ?, turn = ? WHERE file_id = ?",
        changed,
    )
    return _tally((decision.state, file.size_bytes) for _, file, _, decision in decisions)


def differs(connection: sqlite3.Connection, found: Iterable[Found], index_key: str) -> bool:
    """Whether `note` would change more than the run in which these files were seen."""
    by_path = {to_bytes(file.path): file for file in found}
    known = _known(connection, list(by_path))
    for path, file in by_path.items():
        before = known.get(path)
        if before is None or not _is_as_before(before, file, decide(before, file, index_key)):
            return True
    return False


def _known(connection: sqlite3.Connection, paths: Sequence[bytes]) -> dict[bytes, Known]:
    found = {}
    for first in range(0, len(paths), _ASKED_AT_ONCE):
        asked = paths[first : first + _ASKED_AT_ONCE]
        rows = connection.execute(
            "SELECT path, file_id, state, reason, size_bytes, mtime_ns, generation, index_key,"  # noqa: S608 - placeholders
            f" needs_reading, failures FROM files WHERE path IN ({','.join('?' * len(asked))})",
            asked,
        )
        for path, file_id, state, reason, size, mtime, generation, key, unread, failures in rows:
            found[path] = Known(
                file_id, _STATES[state], reason, size, mtime, generation, key, bool(unread),
                failures,
            )  # fmt: skip
    return found


def _facts(file: Found, decision: Decision) -> tuple[object, ...]:
    return (
        file.size_bytes,
        file.mtime_ns,
        decision.state,
        clean(decision.reason),
        decision.needs_reading,
    )


def _is_as_before(known: Known, found: Found, decision: Decision) -> bool:
    """Whether nothing but the run changes in a file's row."""
    return (
        known.state is decision.state
        and known.reason == clean(decision.reason)
        and known.state is not Outcome.WAITING
        and known.needs_reading is decision.needs_reading
        and _has_same_facts(known, found)
        and (known.generation == 0 or decision.keeps_passages)
    )


def _has_same_facts(known: Known, found: Found) -> bool:
    return (known.size_bytes, known.mtime_ns) == (found.size_bytes, found.mtime_ns)


def _tally(states: Iterable[tuple[Outcome, int]]) -> NotedFiles:
    waiting = bytes_waiting = unchanged = set_aside = ignored = 0
    for state, size_bytes in states:
        if state is Outcome.WAITING:
            waiting += 1
            bytes_waiting += size_bytes
        elif state is Outcome.INDEXED:
            unchanged += 1
        elif state is Outcome.IGNORED:
            ignored += 1
        else:
            set_aside += 1
    return NotedFiles(waiting, bytes_waiting, unchanged, set_aside, ignored)
