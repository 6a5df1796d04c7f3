"""One place for an engine, whichever model it runs: at most one of them is in memory."""

from collections.abc import Callable, Sequence
from typing import Any

from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo
from vext_desktop.embedding.host import EmbedderHost
from vext_desktop.supervision.channel import Header


class SwitchingHost:
    """An `EmbedderHost` that stands for the one whose model is seated.

    While an index is rebuilt, questions need the model of before and documents the new one. Two
    engines would not fit the memory budget of a small machine, so that they share one place.

    Args:
        model: Name of the model that is seated first.
        create: Makes its host, which is not started by that.
    """

    def __init__(self, model: str, create: Callable[[], EmbedderHost]) -> None:
        self._hosts = {model: create()}
        self._model = model

    @property
    def model(self) -> str:
        """Name of the model that is seated."""
        return self._model

    def seat(self, model: str, create: Callable[[], EmbedderHost]) -> None:
        """Give the place to another model; the engine that had it is ended."""
        if model == self._model:
            return
        self._host.close()
        # Kept, because it may hold the answer to what was begun: that is fetched when its turn
        # comes again.
        if model not in self._hosts:
            self._hosts[model] = create()
        self._model = model

    @property
    def _host(self) -> EmbedderHost:
        return self._hosts[self._model]

    @property
    def info(self) -> EmbedderInfo | None:
        """See `EmbedderHost.info`; so for all that follows."""
        return self._host.info

    @property
    def pid(self) -> int | None:
        """The seated engine's own process."""
        return self._host.pid

    @property
    def seconds_since_start(self) -> float:
        """How long ago it was started."""
        return self._host.seconds_since_start

    @property
    def note(self) -> str:
        """What starting it does, or what is not as chosen."""
        return self._host.note

    @property
    def fresh_rss_bytes(self) -> int | None:
        """What its process held when it was last ready."""
        return self._host.fresh_rss_bytes

    def begin_start(self) -> None:
        """Start it if it is not there."""
        self._host.begin_start()

    def is_ready(self, wait_s: float) -> bool:
        """Wait for it."""
        return self._host.is_ready(wait_s)

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        """Embed texts with the seated model."""
        return self._host.embed(texts, as_query=as_query)

    def begin_embed(self, texts: Sequence[str]) -> None:
        """Hand texts to it."""
        self._host.begin_embed(texts)

    def finish_embed(self) -> EmbeddedBatch:
        """The vectors of what was begun with the seated model."""
        return self._host.finish_embed()

    def free_memory(self) -> None:
        """Let it give back what it can."""
        self._host.free_memory()

    def read_memory(self) -> dict[str, Any] | None:
        """An exact reading of its process."""
        return self._host.read_memory()

    def ask(self, question: Header) -> Header | None:
        """Ask its process."""
        return self._host.ask(question)

    def restart(self) -> None:
        """Trade it for a fresh one of the same model."""
        self._host.restart()

    def close(self) -> None:
        """End it."""
        self._host.close()
