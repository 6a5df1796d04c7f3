"""The batch loop: probe, embed, validate, release, probe, decide, pause. The heart, on one page."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from vext_desktop.errors import VextError
from vext_desktop.events import (
    BatchFinished,
    BatchSizeChanged,
    CleanupFinished,
    IndexEvent,
    Progress,
)
from vext_desktop.index.reclaim import Reclaimer, name_owner
from vext_desktop.index.retry import RetryingEmbedder
from vext_desktop.index.work import EmbeddedChunks, PendingChunk
from vext_desktop.memory.budget import Budget
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.pacing import (
    MemoryStep,
    PacingDecision,
    PacingRules,
    PacingState,
    Pressure,
    decide,
)
from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.memory.warnings import WarningWatch
from vext_desktop.readings import ProgramReading

# Judging takes some 20 ms, so not after every batch.
BATCHES_PER_JUDGEMENT = 10


class BatchLoop:
    """Embeds batches and keeps memory inside the budget between them.

    Args:
        embedder: Turns chunks into vectors, whatever happens to the engine.
        monitor: Reads all our processes cheaply.
        reclaimer: Reads them exactly, cleans up, reloads.
        budget: Measures the budget now, given what we use.
        rules: Delays and the calm batch size, as they are set now.
        watch: The warnings of the ancestor's write-up.
        verdict: Gathers what the leak verdict is made from.
        bounded: Bytes by band ("window.native") that are known to grow to a bound only, such as
            rows waiting to be written; they are no leak.
        stopped: Whether the run is to end: no batch is begun ahead then.
        meanwhile: What else takes memory for a time at this moment, in a sentence, or nothing.
    """

    def __init__(
        self,
        embedder: RetryingEmbedder,
        monitor: MemoryMonitor,
        reclaimer: Reclaimer,
        budget: Callable[[int], Budget],
        rules: Callable[[], PacingRules],
        watch: WarningWatch,
        verdict: VerdictRecorder,
        bounded: Callable[[], Mapping[str, int]] = dict,
        stopped: Callable[[], bool] = lambda: False,
        meanwhile: Callable[[], str] = str,
    ) -> None:
        self._embedder = embedder
        self._monitor = monitor
        self._reclaimer = reclaimer
        self._budget = budget
        self._rules = rules
        self._watch = watch
        self._verdict = verdict
        self._bounded = bounded
        self._stopped = stopped
        self._meanwhile = meanwhile
        self._state = PacingState(batch_size=rules().batch_size)
        self._is_calm = True
        self.batches = 0

    @property
    def batch_size(self) -> int:
        """How many chunks the next batch should have."""
        return self._state.batch_size

    @property
    def has_begun(self) -> bool:
        """Whether the engine works on the batch that `process` is given next."""
        return self._embedder.has_begun

    def begin(self, batch: Sequence[PendingChunk]) -> None:
        """Let the engine begin with a batch that `process` is given next; not under pressure."""
        if batch and self._is_calm and not self._stopped():
            self._embedder.begin(batch)

    def process(
        self,
        batch: Sequence[PendingChunk],
        release: Callable[[EmbeddedChunks], None],
        progress: Callable[[], Progress],
        following: Sequence[PendingChunk] = (),
    ) -> Iterator[IndexEvent]:
        """Take one batch from text to rows, and decide what memory needs before the next.

        Args:
            batch: At most `batch_size` chunks; what was begun or `following` before, if any.
            release: Takes the vectors over; nothing of the batch is kept here.
            progress: How far the run is after this batch.
            following: The batch after it, if it has been read: as long as memory is calm the
                engine works on it while rows are written and the next file is read.

        Raises:
            VextError: Memory stays over the budget, or the engine cannot go on.
        """
        self.batches += 1
        size, files = len(batch), tuple(dict.fromkeys(chunk.file.path for chunk in batch))
        embedded = yield from self._embedder.embed(batch, self.batches)
        self.begin(following)
        seconds, truncated_tokens = embedded.seconds, embedded.truncated_tokens
        release(embedded)
        del embedded, batch

        reading = self._monitor.read()
        self._verdict.add(reading, self._bounded(), files[-1])
        yield from self._watch.check(reading, self.batches, files[-1], self._meanwhile())
        decision, reading = self._decide(reading)
        self._is_calm = decision.step is MemoryStep.NOTHING and not decision.pause_s
        yield BatchFinished(
            self.batches, size, files, seconds, decision.pause_s, reading, truncated_tokens,
            progress(),
        )  # fmt: skip
        if self.batches % BATCHES_PER_JUDGEMENT == 0:
            yield self._verdict.judged()
        while decision.step is not MemoryStep.NOTHING:
            yield from self._act(decision.step, reading)
            if decision.step not in {MemoryStep.CLEAN_UP, MemoryStep.RELOAD}:
                break
            # Was it enough? If not, the next step follows at once.
            decision, reading = self._decide(self._monitor.read())

    def _decide(self, reading: ProgramReading) -> tuple[PacingDecision, ProgramReading]:
        used_bytes = reading.rss_bytes
        budget = self._budget(used_bytes)
        if used_bytes > budget.soft_bytes:
            # Only now is it worth tens of milliseconds to know what a trim could return.
            reading = self._reclaimer.measure()
            used_bytes = reading.rss_bytes
        pressure = Pressure(used_bytes, budget.soft_bytes, budget.limit_bytes, reading.held_bytes)
        decision, self._state = decide(self._state, pressure, self._rules())
        return decision, reading

    def _act(self, step: MemoryStep, reading: ProgramReading) -> Iterator[IndexEvent]:
        match step:
            case MemoryStep.TRIM | MemoryStep.CLEAN_UP:
                trigger = "pressure" if step is MemoryStep.TRIM else "budget"
                yield CleanupFinished(self._reclaimer.free_memory(trigger))
            case MemoryStep.RELOAD:
                self._verdict.mark_event()
                yield from self._reclaimer.reload_model("budget")
                yield from self._embedder.ensure_ready(self.batches)
            case MemoryStep.SHRINK:
                yield BatchSizeChanged(self.batch_size, "Memory stays over the budget.")
            case MemoryStep.GROW:
                yield BatchSizeChanged(self.batch_size, "Memory is calm again.")
            case MemoryStep.HALT:
                budget = self._budget(reading.rss_bytes)
                raise VextError(
                    f"Indexing has stopped because memory stays over {budget.owner}. "
                    f"{name_owner(reading)} Everything indexed so far is kept.",
                    "Close other programs or raise the memory limit in the settings, "
                    "then start indexing again: it goes on from here.",
                )
            case MemoryStep.NOTE | MemoryStep.NOTHING:
                pass
