"""Room for Python's table of words, taken before the work begins."""

import sys

# What fits into the table of a process with torch, at most: 131072 places, of which it fills two
# thirds before it is built anew.
_WORDS = 90_000


def stretch_word_table() -> None:
    """Let Python build its table of words anew now, and not some time in the middle of a run.

    `pathlib` keeps each part of each path in that table (`sys.intern`) for as long as the path
    lives. Those that are gone leave their places behind, until after some ten thousand names the
    table is built anew, with room for three times the words that live: measured beside LanceDB
    and Qt, 963 kB more at once. From then on it stays at that size. 10 to 30 ms.
    """
    for number in range(_WORDS):
        sys.intern(f"\0{number}")  # dies at once, and has used up a place
