"""A service's engine process: asks for leave and fetches the key whenever it starts."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from vext_desktop.embedding.embedder import EmbeddedBatch
from vext_desktop.embedding.factory import EmbedderChoice
from vext_desktop.embedding.process_host import HostTimeouts, ProcessHost
from vext_desktop.embedding.service import SERVICE_NAMES, Service
from vext_desktop.errors import ModelError, ServiceError
from vext_desktop.keys import FoundKey, how_to_set, keyring_trouble
from vext_desktop.supervision.channel import Header
from vext_desktop.supervision.parent import ChildProcess, EndOfWait


class StopRelay:
    """Tells who waits for a service that the program closes, or that the run was stopped.

    A request may take a minute, and its process holds nothing: so it is ended at once, where
    a model on this computer would be waited for.

    Args:
        cancelled: Set when the program closes.
    """

    def __init__(self, cancelled: threading.Event) -> None:
        self._cancelled = cancelled
        self.stopped: EndOfWait | None = None
        """What stops the present run; None between runs."""

    @property
    def cancelled(self) -> threading.Event:
        """Set when the program closes."""
        return self._cancelled

    def is_set(self) -> bool:
        """Whether to wait no more."""
        return self._cancelled.is_set() or self.is_stopped

    @property
    def is_stopped(self) -> bool:
        """Whether the present run was stopped."""
        return self.stopped is not None and self.stopped.is_set()


class ServiceHost(ProcessHost):
    """Runs the side of a service that speaks HTTP in a process of its own; an `EmbedderHost`.

    Args:
        choice: Which service.
        check_consent: Raises ConsentError if no text may go there; called before each start.
        find_key: Finds its key; called at each start, so that the key is kept nowhere here.
        timeouts: When the process counts as hung.
        log_file: What it prints and logs goes here.
        relay: When set, every wait ends with CancelledError within a fraction of a second.
        on_started: See `ProcessHost`.
        on_ended: See `ProcessHost`.
        on_reading: See `ProcessHost`.
    """

    def __init__(
        self,
        choice: EmbedderChoice,
        check_consent: Callable[[], None],
        find_key: Callable[[], FoundKey | None],
        timeouts: HostTimeouts,
        log_file: Path,
        relay: StopRelay,
        on_started: Callable[[ChildProcess], None],
        on_ended: Callable[[], None],
        on_reading: Callable[[dict[str, Any]], None],
    ) -> None:
        super().__init__(choice, timeouts, log_file, relay, on_started, on_ended, on_reading)
        self._check_consent = check_consent
        self._find_key = find_key

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        """See `EmbedderHost.embed`; what was agreed to may have been taken back meanwhile.

        Raises:
            ConsentError: It was.
        """
        self._check_consent()
        with self._ending_where_refused():
            return super().embed(texts, as_query=as_query)

    def begin_embed(self, texts: Sequence[str]) -> None:
        """See `EmbedderHost.begin_embed`; likewise.

        Raises:
            ConsentError: It was taken back.
        """
        self._check_consent()
        super().begin_embed(texts)

    def finish_embed(self) -> EmbeddedBatch:
        """See `EmbedderHost.finish_embed`."""
        with self._ending_where_refused():
            return super().finish_embed()

    @contextlib.contextmanager
    def _ending_where_refused(self) -> Iterator[None]:
        """The next start fetches the key anew: the user may have corrected it by then."""
        try:
            yield
        except ServiceError as error:
            if not error.may_pass:
                self.close()
            raise

    def _options(self) -> Header:
        """The choice and the key, which goes over the channel alone.

        Raises:
            ConsentError: No text may go there.
            ModelError: There is no key, or it is none.
        """
        self._check_consent()
        options = self._choice.to_json()
        service = self._choice.service
        if service is not None and (found := self._find_key()) is not None:
            if not found.key.is_sound:
                raise ModelError(
                    f"What {found.source} has as the key for {service.label} cannot be a key: "
                    "there are blanks or strange characters in it.",
                    how_to_set(service.provider),
                )
            options["key"] = found.key.reveal()
        elif service is not None and service.needs_key:
            raise no_key(service)
        return options


def no_key(service: Service) -> ModelError:
    """The error of a service that wants a key where there is none."""
    return ModelError(
        f"{SERVICE_NAMES[service.provider]} wants a key, and there is none: nothing was sent.",
        f"{keyring_trouble(service.provider)} {how_to_set(service.provider)}".strip(),
    )
