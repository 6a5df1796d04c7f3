"""What the user leaves out: patterns in the syntax of gitignore, from settings and from folders."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# A file of this name holds patterns for its folder and what is beneath; we only ever read it.
IGNORE_FILE = ".vextignore"
_LARGEST_IGNORE_FILE_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class _Layer:
    """Patterns, and the length of the path that theirs are relative to, with its separator."""

    base_length: int
    spec: "GitIgnoreSpec"


@dataclass(frozen=True, slots=True)
class IgnoreLayers:
    """The patterns that hold in one folder; those of nearer folders have the last word."""

    layers: tuple[_Layer, ...] = ()

    def with_lines(self, folder: str, lines: Sequence[str]) -> "IgnoreLayers":
        """These layers and one more, whose patterns are relative to a folder.

        Lines that are no patterns are passed over; see `bad_lines`.
        """
        wanted = [line for line in lines if line.strip() and not line.startswith("#")]
        if not wanted:
            return self
        spec = _compiled(wanted)
        return IgnoreLayers((*self.layers, _Layer(len(folder.rstrip(os.sep)) + 1, spec)))

    def entering(self, folder: str) -> "IgnoreLayers":
        """These layers and what the folder's own file of patterns adds to them."""
        return self.with_lines(folder, read_ignore_file(folder))

    def leave_out(self, path: str, *, is_folder: bool) -> bool:
        """Whether patterns leave out a path, given that they do not leave out its folder."""
        for layer in reversed(self.layers):
            relative = path[layer.base_length :].replace(os.sep, "/")
            verdict = layer.spec.check_file(relative + "/" if is_folder else relative).include
            if verdict is not None:
                return verdict
        return False


def bad_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines that are no patterns, and leave out nothing."""
    return tuple(line for line in lines if not _is_pattern(line))


def read_ignore_file(folder: str) -> tuple[str, ...]:
    """The lines of a folder's own file of patterns; none if it has none that can be read."""
    path = os.path.join(folder, IGNORE_FILE)  # noqa: PTH118 - names that are no text stay
    try:
        # First, as opening a pipe waits, and 99 of 100 folders have no such file.
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - as above
            return ()
        with open(path, encoding="utf-8-sig", errors="replace") as lines:  # noqa: PTH123 - as above
            return tuple(lines.read(_LARGEST_IGNORE_FILE_BYTES).splitlines())
    except OSError:
        return ()


def _compiled(lines: Sequence[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most people have no patterns

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - as above

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
