"""What the smoke test found: a log for people, and the figures for a test."""

import json
import time
from pathlib import Path


class Report:
    """Grows step by step; each line is on the disk at once.

    Args:
        folder: For `log.txt` and `report.json`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.figures: dict[str, object] = {}
        self._begun = time.monotonic()
        (folder / "log.txt").unlink(missing_ok=True)

    def say(self, line: str) -> None:
        """Note a line."""
        text = f"{time.monotonic() - self._begun:7.1f} s  {line}"
        print(text, flush=True)
        with (self.folder / "log.txt").open("a", encoding="utf-8") as stream:
            stream.write(text + "\n")

    def check(self, line: str, *, is_so: bool) -> None:
        """Note what was looked at.

        Raises:
            SystemExit: It is not so.
        """
        self.say(f"{'ok' if is_so else 'NOT SO'}: {line}")
        if not is_so:
            raise SystemExit(f"the smoke test failed: {line}")

    def note(self, name: str, value: object) -> None:
        """Keep a figure."""
        self.figures[name] = value
        text = json.dumps(self.figures, indent=2) + "\n"
        (self.folder / "report.json").write_text(text, encoding="utf-8")
