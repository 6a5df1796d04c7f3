"""Where the model runs: what every host of an engine does."""

from collections.abc import Sequence
from typing import Any, Protocol

from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.supervision.channel import Header


class EmbedderHost(Protocol):
    """Holds an engine: starts it without blocking, survives its end. Belongs to one thread."""

    @property
    def info(self) -> EmbedderInfo | None:
        """What the engine is; None until it is ready."""

    @property
    def pid(self) -> int | None:
        """The engine's own process; None when it has none."""

    @property
    def seconds_since_start(self) -> float:
        """How long ago the present engine was started, in seconds; 0 when there is none."""

    @property
    def note(self) -> str:
        """What starting does besides loading; once ready, what is not as chosen; "" if nothing."""

    @property
    def fresh_rss_bytes(self) -> int | None:
        """What the engine's own process held when one was last ready; None before, or without."""

    def begin_start(self) -> None:
        """Start the engine if there is none, and return at once."""

    def is_ready(self, wait_s: float) -> bool:
        """Wait up to `wait_s` for the engine; starts it if there is none.

        Raises:
            ModelError: It cannot load its model.
            ChildDiedError: It ended instead; the next call starts it anew.
            ChildHungError: It was not ready in time and was ended.
            CancelledError: The program is closing.
        """

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        """Embed texts with an engine that is ready.

        Args:
            texts: What to embed.
            as_query: Whether they are queries and not passages, for models that tell them apart.

        Raises:
            EmbeddingError: The engine lives, but has no vectors for these texts.
            ServiceError: The engine is a service, which gave none for no fault of the texts.
            ChildDiedError: It ended; `begin_start` starts it anew.
            ChildHungError: It did not answer in time and was ended.
            CancelledError: The program is closing.
        """

    def begin_embed(self, texts: Sequence[str]) -> None:
        """Hand texts to an engine that is ready and return at once, with time for other work.

        The next `finish_embed` has their vectors. Whatever else is asked of the engine until
        then waits for them; they are kept, even if the engine is ended.

        Raises:
            ChildDiedError: It ended; `begin_start` starts it anew.
            ChildHungError: It did not listen and was ended.
            CancelledError: The program is closing.
        """

    def finish_embed(self) -> EmbeddedBatch:
        """The vectors of what was begun, once; raises what `embed` would."""

    def free_memory(self) -> None:
        """Let the engine's own process, if it has one, give back what it can."""

    def read_memory(self) -> dict[str, Any] | None:
        """An exact reading of the engine's own process, as JSON; None when it has none."""

    def ask(self, question: Header) -> Header | None:
        """Ask the engine's own process what every child answers; None when there is none.

        Raises:
            ChildReplyError: It answered with an error and lives on.
        """

    def restart(self) -> None:
        """End the engine, which returns its memory, and begin a new start."""

    def close(self) -> None:
        """End the engine."""
