"""The bench's parent: two child processes with the same texts, measured in turns."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vext_desktop.cli.session import Session
from vext_desktop.documents.chunker import Chunker, ChunkRules
from vext_desktop.embedding.default_model import find_model
from vext_desktop.errors import UsageError, VextError

SIDES = ("plain", "ours")


def bench_texts(session: Session, documents: tuple[Path, ...], count: int) -> list[str]:
    """The first chunks of some documents, repeated if they are too few.

    Raises:
        UsageError: There is no text in these documents.
    """
    settings = session.loaded.settings
    rules = ChunkRules(
        size=settings.chunk_size,
        overlap=settings.chunk_overlap,
        tokenizer_file=str(find_model(settings.model).folder / "tokenizer.json"),
    )
    chunker = Chunker(rules)

    def texts() -> Iterator[str]:
        with session.open_engine(read_only=True) as engine:
            for document in engine.extract(documents):
                yield from (chunk.text for chunk in chunker.chunks(document.sections))

    found = list(islice(texts(), count))
    if not found:
        raise UsageError("There is no text in these documents.", "Name others.")
    return list(islice(cycle(found), count))


class BenchDuel:
    """Both sides at one batch size; a context that ends the child processes.

    Both stay loaded while only one works at a time, so that what else the machine does meets
    both alike.

    Args:
        session: Whose settings both sides use.
        batch_size: Texts in a batch.
        texts: What is embedded in each round.
    """

    def __init__(self, session: Session, batch_size: int, texts: list[str]) -> None:
        self._session = session
        self._batch_size = batch_size
        self._texts = texts
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        for side in SIDES:
            self._processes[side] = self._launch(side)
            self._ask(side, {"texts": self._texts})  # loads, and embeds once to warm up
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes.values():
            if error is not None:
                process.kill()
            process.communicate()  # end of file on its standard input ends it

    def measure(self, rounds: int) -> dict[str, Any]:
        """Let both work in turns; the median round of each counts.

        Returns:
            JSON values: for each side chunks per second, its rounds in seconds, and the peak of
            resident memory (all its processes together) in bytes.
        """
        answers: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
        for number in range(rounds):
            for side in SIDES if number % 2 == 0 else reversed(SIDES):
                answers[side].append(self._ask(side, {}))
        row: dict[str, Any] = {"batch_size": self._batch_size}
        for side in SIDES:
            seconds = [answer["seconds"] for answer in answers[side]]
            row[side] = {
                "chunks_per_second": round(len(self._texts) / statistics.median(seconds), 2),
                "seconds": [round(value, 3) for value in seconds],
                "peak_rss_bytes": answers[side][-1]["peak_rss_bytes"],
            }
        rates = [row[side]["chunks_per_second"] for side in ("ours", "plain")]
        row["ratio"] = round(rates[0] / rates[1], 3)
        return row

    def _launch(self, side: str) -> subprocess.Popen[str]:
        program = [sys.executable]
        if not getattr(sys, "frozen", False):
            program += ["-P", "-m", "vext_desktop"]
        settings = self._session.loaded.settings
        names = ("engine", "model", "engine_threads")
        chosen = [f"--set={name}={getattr(settings, name)}" for name in names]
        command = [
            *program, "bench", "--side", side, "--sizes", str(self._batch_size),
            "--data-dir", str(self._session.paths.data_dir), *chosen,
        ]  # fmt: skip
        return subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def _ask(self, side: str, request: dict[str, Any]) -> dict[str, Any]:
        process = self._processes[side]
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the bench's child process has no pipes")
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise VextError(
                f"The {side} side of the bench ended before it was measured.",
                "What it said stands above.",
            )
        answer: dict[str, Any] = json.loads(line)
        return answer
