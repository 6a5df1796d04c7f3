"""The processes of the program inside the minimal system, looked at from outside."""

from pathlib import Path


def processes_in(root: Path) -> dict[int, list[str]]:
    """Command lines of all processes whose root is this folder, by their number."""
    found = {}
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            if (place / "root").readlink() != root:
                continue
            line = (place / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue  # it has ended meanwhile
        if line:
            found[int(place.name)] = line.rstrip("\0").split("\0")
    return found


def children_in(root: Path, role: str) -> list[int]:
    """The program's child processes of a role, such as "engine"."""
    return [
        number
        for number, words in processes_in(root).items()
        if "--child" in words and role in words
    ]
