"""Who owns memory: our processes, and the bands that the memory of each is divided into."""

from enum import StrEnum


class ProcessRole(StrEnum):
    """Which of our processes a reading speaks of."""

    WINDOW = "window"
    ENGINE = "engine"
    READER = "reader"


class Band(StrEnum):
    """Who owns a part of one process's resident memory; the bands of a process sum to its RSS.

    A system that cannot tell a band apart has no such band: it is absent, not 0.
    """

    PYTHON_OBJECTS = "python_objects"
    PYTHON_HELD = "python_held"
    NATIVE_IN_USE = "native_in_use"
    NATIVE_HELD = "native_held"
    LARGE_BLOCKS = "large_blocks"
    ARROW_LANCE = "arrow_lance"
    MODEL_FILE = "model_file"
    LIBRARIES = "libraries"
    STACKS_JIT = "stacks_jit"
    UNEXPLAINED = "unexplained"

    @property
    def label(self) -> str:
        """Its name for people, as a legend or a row of a table shows it."""
        return _BAND_WORDS[self][0]

    @property
    def phrase(self) -> str:
        """Its name after "180 MB of ...", in a sentence."""
        return _PHRASES.get(self, self.label)

    @property
    def meaning(self) -> str:
        """What it is and whether a cleanup can return it, in one plain sentence."""
        return _BAND_WORDS[self][1]


_BAND_WORDS: dict[Band, tuple[str, str]] = {
    Band.PYTHON_OBJECTS: (
        "Python objects", "Live objects of Python's own allocator, which its collector sees."
    ),
    Band.PYTHON_HELD: (
        "Python, free but held",
        "Room in Python's arenas that nothing uses now; only ending the process returns it.",
    ),
    Band.NATIVE_IN_USE: (
        "Native heap in use", "What native libraries have allocated with malloc and not freed."
    ),
    Band.NATIVE_HELD: (
        "Native, free but held",
        "What malloc keeps although nothing uses it: Free memory returns most of it.",
    ),
    Band.LARGE_BLOCKS: (
        "Large native blocks", "Native allocations so large that each has a mapping of its own."
    ),
    Band.ARROW_LANCE: (
        "Arrow and LanceDB", "The memory pool of Arrow and the bounded caches of the database."
    ),
    Band.MODEL_FILE: (
        "Model file", "Pages of the model's weights, mapped from disk; the system can drop them."
    ),
    Band.LIBRARIES: ("Libraries", "Code and data of the program and its libraries, by family."),
    Band.STACKS_JIT: ("Stacks and generated code", "Stacks of threads, and code made at run time."),
    Band.UNEXPLAINED: ("Unexplained", "Resident memory that no probe could give an owner."),
}  # fmt: skip

_PHRASES = {
    Band.PYTHON_OBJECTS: "objects of Python",
    Band.PYTHON_HELD: "free room in Python's arenas",
    Band.NATIVE_IN_USE: "native heap that was in use",
    Band.NATIVE_HELD: "native heap that was held for nobody",
    Band.LARGE_BLOCKS: "large native blocks",
    Band.ARROW_LANCE: "what Arrow and LanceDB kept",
    Band.MODEL_FILE: "pages of the model file",
    Band.LIBRARIES: "pages of libraries",
    Band.STACKS_JIT: "stacks and generated code",
}
