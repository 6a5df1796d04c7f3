"""Which passages hold which words: counted by SQLite, which knows words in any script."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vext_desktop.index.fresh_text import TOKENIZER, spaced
from vext_desktop.index.scratch_database import discard_scratch, open_scratch

_SCHEMA = f"""
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = '{TOKENIZER}');
CREATE VIRTUAL TABLE places USING fts5vocab (words, 'instance');
CREATE VIRTUAL TABLE stems USING fts5vocab (words, 'row');
"""
# So many words are remembered with their stems.
_MOST_KNOWN = 500
_MOST_COUNTED = 255


class WordLists:
    """Takes in passages, then tells of each word where it stands.

    Args:
        file: A scratch file, so that memory stays small.

    Raises:
        sqlite3.Error: It cannot be made; any method may also raise it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._db = open_scratch(file, _SCHEMA)
        self._rows = 0

    def close(self) -> None:
        """Remove the scratch file."""
        discard_scratch(self._db, self._file)

    def add(self, texts: Sequence[str]) -> None:
        """Take in the next passages."""
        self._db.execute("BEGIN")
        sql = "INSERT INTO words (rowid, text) VALUES (?, ?)"
        self._db.executemany(sql, enumerate(map(spaced, texts), self._rows))
        self._db.execute("COMMIT")
        self._rows += len(texts)

    def __iter__(self) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
        """Each word by its stem, the numbers of the passages with it, and how often it is there."""
        sql = "SELECT term, group_concat(doc) FROM places GROUP BY term"
        for stem, listed in self._db.execute(sql):
            rows = np.fromstring(listed, np.int64, sep=",")
            held, counts = np.unique(rows, return_counts=True)
            yield stem, held, np.minimum(counts, _MOST_COUNTED)


class Stemmer:
    """Says what words are kept as; for one thread."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None
        self._known: dict[str, str | None] = {}

    def close(self) -> None:
        """Let go of everything; harmless a second time."""
        if self._db is not None:
            self._db.close()
        self._db = None

    def stem(self, word: str) -> str | None:
        """What one word is kept as; None where it is no single word to SQLite.

        Raises:
            sqlite3.Error: This SQLite has no full-text search.
        """
        if spaced(word) != word:  # a script without spaces: LanceDB knows its words
            return None
        if word not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[word] = self._ask(word)
        return self._known[word]

    def _ask(self, word: str) -> str | None:
        if self._db is None:
            self._db = sqlite3.connect(":memory:", isolation_level=None)
            self._db.executescript(_SCHEMA)
        self._db.execute("INSERT INTO words (words) VALUES ('delete-all')")
        self._db.execute("INSERT INTO words (rowid, text) VALUES (1, ?)", (word,))
        found = self._db.execute("SELECT term, cnt FROM stems").fetchall()
        return str(found[0][0]) if len(found) == 1 and found[0][1] == 1 else None
