"""Which family a mapped file belongs to: the words that the band of libraries is told in."""

import re

OTHER_LIBRARIES = "other libraries"
OTHER_FILES = "other files"

# Folders of wheels (also inside a packaged program), then names of single files.
_FAMILIES = tuple(
    (re.compile(pattern), family)
    for pattern, family in (
        (r"/(torch|functorch|nvidia|triton|torch\w*\.libs)/", "torch"),
        (r"/onnxruntime/", "ONNX Runtime"),
        (r"/(PySide6|shiboken6)/|/libQt6\w*\.so", "Qt"),
        (r"/pyarrow/", "Arrow"),
        (r"/(lancedb|lance)/", "LanceDB"),
        (r"/(numpy|scipy|sklearn|numpy\.libs|scipy\.libs|scikit_learn\.libs)/", "numpy and scipy"),
        (r"/site-packages/|/dist-packages/", OTHER_LIBRARIES),
        (r"/libpython\d|/python(\d[\d.]*)?$|/lib-dynload/|/lib/python\d\.\d+/", "Python"),
        (r"\.so(\.[\w.]+)?$|/ld-[^/]*$|^\[", OTHER_LIBRARIES),
    )
)
# All words that `library_family` answers with.
FAMILIES = frozenset(family for _, family in _FAMILIES) | {OTHER_FILES}


class FamilyBook:
    """The families of files that were asked for before: a picture asks for some 1500."""

    def __init__(self, room: int = 10_000) -> None:
        self._room = room
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The family of a mapped file, by its path."""
        family = self._known.get(path)
        if family is None:
            if len(self._known) >= self._room:  # files that come and go
                self._known.clear()
            family = self._known[path] = library_family(path)
        return family


def library_family(path: str) -> str:
    """The family of a mapped file, by its path."""
    plain = path.removesuffix(" (deleted)")
    return next((family for pattern, family in _FAMILIES if pattern.search(plain)), OTHER_FILES)
