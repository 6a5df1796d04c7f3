"""The bench's parent: a child process for each side with the same texts, measured in turns."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vext_desktop.cli.session import Session
from vext_desktop.documents.chunker import Chunker, ChunkRules
from vext_desktop.embedding.default_model import find_model
from vext_desktop.errors import UsageError, VextError
from vext_desktop.packaged import is_packaged

PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Turns:
    """How one side did in its turns; the median turn counts.

    Attributes:
        cpu_ms_per_chunk: Processor time, all threads and processes of this side.
        chunks_per_second: By the clock.
        peak_rss_bytes: The most its model's process has held so far.
    """

    cpu_ms_per_chunk: float
    chunks_per_second: float
    peak_rss_bytes: int

    @classmethod
    def of(cls, answers: list[dict[str, Any]], chunks: int) -> Self:
        """Summed up from what a side answered in its turns."""
        return cls(
            1000 * statistics.median(answer["cpu_s"] for answer in answers) / chunks,
            chunks / statistics.median(answer["seconds"] for answer in answers),
            answers[-1]["peak_rss_bytes"],
        )


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


class BenchRace:
    """One process for each side; a context that ends them.

    All stay loaded while only one works at a time, and take turns, so that what else the machine
    does meets all alike.

    Args:
        session: Whose settings all use.
        sides: `PLAIN`, and names of engines.
        threads: Processor threads of each; 0 for its own choice.
        texts: What is embedded in each round.
    """

    def __init__(
        self, session: Session, sides: tuple[str, ...], threads: int, texts: list[str]
    ) -> None:
        self._session = session
        self._sides = sides
        self._threads = threads
        self._texts = texts
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self.engines: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            for side in self._sides:
                self._processes[side] = self._launch(side)
                # Loads, and embeds once to warm up; says which engine it really is.
                self.engines[side] = self._ask(side, {"texts": self._texts})["engine"]
        except BaseException:
            self._end(kill=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(kill=error is not None)

    def measure(self, rounds: int, batch_size: int) -> dict[str, "Turns"]:
        """Let all work in turns, each round in the other direction; plain keeps its own size."""
        answers: dict[str, list[dict[str, Any]]] = {side: [] for side in self._sides}
        for number in range(rounds):
            for side in self._sides if number % 2 == 0 else reversed(self._sides):
                answers[side].append(self._ask(side, {"batch_size": batch_size}))
        return {side: Turns.of(found, len(self._texts)) for side, found in answers.items()}

    def matrix_peak(self) -> float:
        """What products of float32 matrices reach here, in 10^9 operations a second."""
        found: float = self._ask(PLAIN, {"matrix_peak": self._threads})["gflops"]
        return found

    def _end(self, *, kill: bool) -> None:
        for process in self._processes.values():
            if kill:
                process.kill()
            process.communicate()  # end of file on its standard input ends it

    def _launch(self, side: str) -> subprocess.Popen[str]:
        program = [sys.executable]
        if not is_packaged():
            program += ["-P", "-m", "vext_desktop"]
        settings = self._session.loaded.settings
        chosen = [f"--set=model={settings.model}", f"--set=engine_threads={self._threads}"]
        if side != PLAIN:
            chosen.append(f"--set=engine={side}")
        command = [
            *program, "bench", "--side", side,
            "--data-dir", str(self._session.paths.data_dir), *chosen,
        ]  # fmt: skip
        environment = dict(os.environ)
        if self._threads:  # read by the libraries of linear algebra when they are loaded
            limit = str(self._threads)
            environment |= {"OMP_NUM_THREADS": limit, "OPENBLAS_NUM_THREADS": limit}
        return subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
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
