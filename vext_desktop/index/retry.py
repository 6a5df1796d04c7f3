"""Embedding that survives its engine: respawn, retry whole, halve, set the guilty chunk aside."""

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import count

import numpy as np

from vext_desktop.embedding.embedder import EmbeddedBatch, Vectors
from vext_desktop.embedding.host import EmbedderHost
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import (
    ChildDiedError,
    ChildHungError,
    ChildReplyError,
    EmbeddingError,
    ModelError,
    ServiceError,
    TextRefusedError,
    VextError,
)
from vext_desktop.events import (
    BatchRetried,
    ChildDied,
    ChildStarted,
    ChildStarting,
    ChunkSetAside,
    CleanupFinished,
    IndexEvent,
)
from vext_desktop.index.deaths import DeathWitness
from vext_desktop.index.reclaim import WAIT_STEP_S, Reclaimer
from vext_desktop.index.service_patience import ServicePatience
from vext_desktop.index.work import EmbeddedChunks, PendingChunk
from vext_desktop.readings import ProcessRole

# After each start the engine embeds this before any text of the user's. An engine that cannot
# even do that is broken; one that can, and dies of a batch, was killed by something in the batch.
PROOF_TEXT = "Vext Desktop"
MAX_DEATHS_IN_A_ROW = 3
# A batch that killed the engine is tried whole once more before it is halved: the death may have
# been none of its doing (the system ran out of memory, somebody ended the process).
TRIES_AFTER_DEATH = 2


class RetryingEmbedder:
    """Turns chunks into vectors whatever happens to the engine.

    Args:
        host: The engine.
        reclaimer: Frees memory between two tries.
        witness: Says what is known of the engine's death.
        tries: How often a batch is tried whole when the engine answers with an error.
        patience: Waits for a service that does not do its work.
        check_proof: Given the vector of the proof text; raises if it is none of this model.
    """

    def __init__(
        self,
        host: EmbedderHost,
        reclaimer: Reclaimer,
        witness: DeathWitness,
        tries: int,
        patience: ServicePatience | None = None,
        check_proof: Callable[[Vectors], None] = lambda _: None,
    ) -> None:
        self._host = host
        self._reclaimer = reclaimer
        self._witness = witness
        self._tries = tries
        self._patience = patience or ServicePatience(1)
        self._check_proof = check_proof
        self._deaths = 0
        self._begun: Sequence[PendingChunk] | None = None
        # How the engine ended when a batch was to be begun: told by the next `embed`.
        self._untold_end: ChildDiedError | ChildHungError | None = None
        self._proven_pid: int | None = None
        self._is_proven = False
        # Kept over the engine's death: an empty answer has a width too.
        self._dimension = 0

    def ensure_ready(
        self, batch: int = 0, files: tuple[str, ...] = (), *, is_patient: bool = True
    ) -> Iterator[IndexEvent]:
        """Start the engine if need be and wait in short steps until it has proven itself.

        Args:
            batch: The batch in hand, for the events; 0 before the first.
            files: The files in hand.
            is_patient: Whether a service that fails is asked again after a while.

        Raises:
            VextError: It cannot load its model, it died three times in a row, or it is a service
                that cannot be reached.
        """
        while True:
            self._host.begin_start()
            try:
                while not self._host.is_ready(WAIT_STEP_S):
                    yield ChildStarting(
                        ProcessRole.ENGINE, self._host.seconds_since_start, self._host.note
                    )
                if not self._has_proven:
                    yield from self._prove(is_patient=is_patient)
                    self._is_proven, self._proven_pid = True, self._host.pid
                    self._deaths = 0
                    yield ChildStarted(
                        ProcessRole.ENGINE,
                        self._host.pid or 0,
                        self._host.seconds_since_start,
                        self._host.note,
                        fresh_rss_bytes=self._host.fresh_rss_bytes,
                        works_on=self._host.info.works_on if self._host.info else "",
                    )
            except (ChildDiedError, ChildHungError) as error:
                yield from self._note_death(error, batch, files)
            else:
                return

    @property
    def _has_proven(self) -> bool:
        """Whether the present engine has embedded the proof text."""
        return self._is_proven and self._proven_pid == self._host.pid

    def _prove(self, *, is_patient: bool = True) -> Iterator[IndexEvent]:
        """Let the engine embed the proof text.

        Raises:
            ModelError: Not even that has a usable vector.
        """
        try:
            if is_patient:
                proof = yield from self._served(lambda: self._host.embed([PROOF_TEXT]))
            else:
                proof = self._host.embed([PROOF_TEXT])
            self._dimension = proof.vectors.shape[1]
            validate_vectors(proof, 1, self._dimension)
        except EmbeddingError as error:
            raise ModelError(
                f"{error.message} A short text of ours fares no better, so the fault is in none of "
                "your files. What is indexed is kept, and the other files wait.",
                error.hint or "Check the settings of the model, or choose another one.",
            ) from error
        self._check_proof(proof.vectors[0])

    def _prove_again(self, number: int, files: tuple[str, ...]) -> Iterator[IndexEvent]:
        """The same for an engine that was ready; if it ends of it, the next use tells."""
        try:
            yield from self._prove()
        except (ChildDiedError, ChildHungError) as error:
            yield from self._note_death(error, number, files)

    def _served(
        self, work: Callable[[], EmbeddedBatch]
    ) -> Generator[IndexEvent, None, EmbeddedBatch]:
        """What the engine gives; a service that does not do its work is waited for.

        Raises:
            ServiceError: There is no use in waiting for it any more.
            CancelledError: The run was stopped meanwhile.
        """
        for attempt in count(1):
            try:
                return work()
            except ServiceError as error:
                yield from self._patience.wait(error, attempt)
        raise AssertionError  # there is no last number

    @property
    def has_begun(self) -> bool:
        """Whether the engine works on a batch that was handed over ahead of time."""
        return self._begun is not None

    def begin(self, chunks: Sequence[PendingChunk]) -> None:
        """Hand a batch over ahead of time, if the engine is ready for it.

        `embed` with the same sequence then waits for the rest; nothing else changes for it.
        """
        self._begun = None
        if not self._has_proven:
            return
        try:
            self._host.begin_embed(_texts(chunks))
        except (ChildDiedError, ChildHungError) as error:
            self._untold_end = error
        else:
            self._begun = chunks

    def embed(
        self, chunks: Sequence[PendingChunk], number: int
    ) -> Generator[IndexEvent, None, EmbeddedChunks]:
        """Embed a batch, in the worst case text by text.

        Args:
            chunks: The batch.
            number: Its number, for the events.

        Returns:
            The chunks that have a vector; those that the model cannot process are left out,
            each after an event that says why.
        """
        files = tuple(dict.fromkeys(chunk.file.path for chunk in chunks))
        reason, has_answered = "", False
        yield from self._tell_end(number)
        for attempt in range(1, self._tries + 1):
            if attempt > 1:
                yield BatchRetried(number, attempt, len(chunks), reason)
            yield from self.ensure_ready(number, files)
            try:
                batch = yield from self._served(lambda: self._vectors_of(chunks))
                validate_vectors(batch, len(chunks), self._dimension)
            except (ChildDiedError, ChildHungError) as error:
                reason, has_answered = error.message, False
                yield from self._note_death(error, number, files)
                if attempt >= TRIES_AFTER_DEATH:
                    break
            except (EmbeddingError, ChildReplyError) as error:
                reason, has_answered = error.message, True
                if isinstance(error, TextRefusedError):
                    break  # it will refuse it again
                yield from self._recover(attempt)
            else:
                return EmbeddedChunks(
                    tuple(chunks), batch.vectors, batch.truncated_tokens, batch.seconds
                )
        if len(chunks) > 1:
            return (yield from self._embed_halves(chunks, number, reason))
        if has_answered:  # or does it answer so to everything?
            yield from self._prove_again(number, files)
        return (yield from self._set_aside(chunks[0], reason))

    def _vectors_of(self, chunks: Sequence[PendingChunk]) -> EmbeddedBatch:
        """Embed, or wait for what was begun: once, for a second try is a new one."""
        begun, self._begun = self._begun, None
        if begun is chunks:
            return self._host.finish_embed()
        return self._host.embed(_texts(chunks))

    def _recover(self, attempt: int) -> Iterator[IndexEvent]:
        """Between two tries: clean up; before the last, take a fresh model."""
        if attempt + 1 == self._tries:
            yield from self._reclaimer.reload_model("retry")
        elif attempt < self._tries:
            yield CleanupFinished(self._reclaimer.free_memory("retry"))

    def _embed_halves(
        self, chunks: Sequence[PendingChunk], number: int, reason: str
    ) -> Generator[IndexEvent, None, EmbeddedChunks]:
        middle = len(chunks) // 2
        parts = []
        for half in (chunks[:middle], chunks[middle:]):
            yield BatchRetried(number, 1, len(half), reason)
            parts.append((yield from self.embed(half, number)))
        return EmbeddedChunks(
            parts[0].chunks + parts[1].chunks,
            np.concatenate([part.vectors for part in parts]),
            sum(part.truncated_tokens for part in parts),
            sum(part.seconds for part in parts),
        )

    def _set_aside(
        self, pending: PendingChunk, reason: str
    ) -> Generator[IndexEvent, None, EmbeddedChunks]:
        chunk = pending.chunk
        pending.file.chunks_settled += 1
        pending.file.chunks_set_aside += 1
        yield ChunkSetAside(pending.file.path, chunk.start, chunk.end, reason)
        return EmbeddedChunks((), np.empty((0, self._dimension), np.float32), 0, 0.0)

    def _tell_end(self, number: int) -> Iterator[ChildDied]:
        """Tell of a death that `begin` has met; no file was in hand in it."""
        end, self._untold_end = self._untold_end, None
        if end is not None:
            yield from self._note_death(end, number, ())

    def _note_death(
        self, error: ChildDiedError | ChildHungError, batch: int, files: tuple[str, ...]
    ) -> Iterator[ChildDied]:
        """Tell of a death; after the third in a row, give up.

        Raises:
            VextError: It was the third.
        """
        self._is_proven = False
        self._deaths += 1
        death = self._witness.testify(ProcessRole.ENGINE, error, batch, files)
        yield death
        if self._deaths >= MAX_DEATHS_IN_A_ROW:
            self._deaths = 0  # who asks again gets as many tries again
            raise VextError(
                f"The engine process ended {MAX_DEATHS_IN_A_ROW} times in a row ({death.cause}). "
                "Indexing has stopped; everything indexed so far is kept.",
                "Start indexing again to go on from here. If it happens again, look at the log "
                "engine.log in the data folder, or choose another engine in the settings.",
            ) from error


def _texts(chunks: Sequence[PendingChunk]) -> list[str]:
    return [chunk.chunk.text for chunk in chunks]
