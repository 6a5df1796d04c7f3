"""How common words are in each volume, told by a sample of its passages.

LanceDB weighs a word by how rare it is in one volume. Where a folder of one subject fills a volume,
the words of that subject would weigh nothing there, and much in the others.
"""

import math
import sqlite3
from collections.abc import Mapping, Sequence

from vext_desktop.index.fresh_text import TOKENIZER, quoted, spaced
from vext_desktop.index.lance_table import LanceTable
from vext_desktop.index.lance_versions import latest_version

# So many passages of each volume: 0.1 MB of words.
_SAMPLE = 128
# Where volumes differ less in how common a word is, that may be the sample's chance, and each one's
# own weight is better. SciFact's passages in 5 volumes by chance: 94.6 % of the ten best of one
# table; 90.4 % when all words above 0.05 were corrected.
_SPREAD = 0.15


class WordShares:
    """Says by how much a volume's own weight of a word is to be changed; for one thread."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None
        self._sampled: dict[int, tuple[int, int]] = {}  # rows of a volume, and of its sample
        self._counted: dict[int, tuple[str, int]] = {}  # version of a volume, and its rows

    def close(self) -> None:
        """Let go of everything; it is sampled anew when it is needed."""
        if self._db is not None:
            self._db.close()
        self._db = None
        self._sampled.clear()
        self._counted.clear()

    def corrections(
        self, tables: Sequence[LanceTable], words: Sequence[str]
    ) -> list[dict[str, float]]:
        """For each volume the words whose weight is wrong there, and what to multiply it by."""
        found: list[dict[str, float]] = [{} for _ in tables]
        if len(tables) < 2 or not words:
            return found
        try:
            rows = [self._sample(number, table) for number, table in enumerate(tables)]
        except sqlite3.OperationalError:  # an SQLite without full-text search
            return found
        for word in words:
            shares = [self._share(number, word) for number in range(len(tables))]
            if max(shares) - min(shares) < _SPREAD:
                continue
            share = sum(map(float.__mul__, shares, map(float, rows))) / max(1, sum(rows))
            for number, own in enumerate(shares):
                found[number][word] = _rarity(share) / _rarity(own)
        return found

    def _sample(self, number: int, table: LanceTable) -> int:
        """See that a volume is sampled; returns how many rows it has."""
        version = latest_version(table.folder)
        if version and self._counted.get(number, ("", 0))[0] == version:
            return self._counted[number][1]
        rows = table.count()
        self._counted[number] = version, rows
        sampled = self._sampled.get(number)
        if sampled is not None and abs(rows - sampled[0]) <= sampled[0] // 10:
            return rows
        if self._db is None:
            self._db = sqlite3.connect(":memory:", isolation_level=None)
        step = max(1, rows // _SAMPLE)
        texts = table.texts_at(range(0, rows, step)) if rows else []
        self._db.execute(f"DROP TABLE IF EXISTS words_{number}")
        self._db.execute(
            f"CREATE VIRTUAL TABLE words_{number} USING fts5"
            f" (text, content = '', tokenize = '{TOKENIZER}')"
        )
        self._db.executemany(
            f"INSERT INTO words_{number} (rowid, text) VALUES (?, ?)",  # noqa: S608 - a number
            enumerate(map(spaced, texts), 1),
        )
        self._sampled[number] = rows, len(texts)
        return rows

    def _share(self, number: int, word: str) -> float:
        """The share of a volume's passages with a word, from 0 to 1."""
        size = self._sampled[number][1]
        if self._db is None or not size:
            return 0.0
        sql = f"SELECT count(*) FROM words_{number} WHERE words_{number} MATCH ?"  # noqa: S608
        return int(self._db.execute(sql, [quoted((word,))]).fetchone()[0]) / size


def _rarity(share: float) -> float:
    """BM25's weight of a word that this share of the passages holds."""
    least = 0.5 / _SAMPLE
    return math.log1p((1.0 - share + least) / (share + least))


def boosts_of(corrections: Mapping[str, float]) -> dict[str, float]:
    """Those that are worth a part of their own in a query."""
    return {word: factor for word, factor in corrections.items() if abs(factor - 1.0) > 0.05}
