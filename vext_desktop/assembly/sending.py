"""Leave to send text to a service: asked for with figures before a run, and kept."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from vext_desktop.assembly import wiring
from vext_desktop.assembly.service import chosen_service
from vext_desktop.embedding.model_folder import ModelFiles
from vext_desktop.embedding.service import SERVICE_NAMES, Service
from vext_desktop.embedding.service_consent import NOTHING_SENT, Consents, where_text_goes
from vext_desktop.embedding.service_memory import ServiceMemory
from vext_desktop.embedding.service_models import PRICES_AS_OF, price_of
from vext_desktop.events import (
    IndexEvent,
    RunEnd,
    RunFinished,
    RunHalted,
    RunStarted,
    SendingAsked,
)
from vext_desktop.index.ledger import Ledger
from vext_desktop.index.sending_estimate import SendingEstimate, estimate_sending
from vext_desktop.index.summary import RunTally
from vext_desktop.memory.monitor import MemoryMonitor
from vext_desktop.memory.verdict import VerdictRecorder
from vext_desktop.outcomes import Outcome
from vext_desktop.paths import Paths
from vext_desktop.settings import Settings


class Sending:
    """Knows to which services text may go.

    Args:
        settings: What the user chose.
        paths: Where the data lies.
    """

    def __init__(self, settings: Settings, paths: Paths) -> None:
        self._settings = settings
        self._paths = paths
        self.consents = Consents(paths.consents)
        self._asked: Service | None = None

    def agree(self) -> None:
        """The user lets text go where was asked for; else to the service that the settings choose.

        Raises:
            ModelError: The settings choose one that cannot be.
            VextError: It cannot be written down.
        """
        service = self._asked or chosen_service(self._settings)
        if service is not None and service.sends_data_away:
            self.consents.give(service)

    def forbidden(self, settings: Settings) -> Service | None:
        """The service that these settings choose, if no text may go there yet; else None."""
        service = chosen_service(settings)
        return None if service is None or self.consents.allows(service) else service

    def ask(
        self,
        service: Service,
        settings: Settings,
        ledger: Ledger,
        monitor: MemoryMonitor,
        roots: Sequence[Path],
        stopped: Callable[[], bool],
    ) -> Generator[IndexEvent, None, None]:
        """A run that only finds out what would be sent, asks, and halts.

        Args:
            service: Where nothing may go yet.
            settings: What the run would work with.
            ledger: Knows what is in the index already.
            monitor: For the summary.
            roots: What is to be indexed.
            stopped: Asked between steps.
        """
        key = self._index_key(service, settings)
        serving = ledger.editions.serving()
        if serving and serving.index_key != key and ledger.editions.files(serving):
            roots = [Path(root.path) for root in ledger.roots()]  # a rebuild is of everything
        names = tuple(map(str, roots))
        monitor.reset_peaks()
        run_id, tally, end = ledger.begin_run(names), RunTally(), RunEnd.HALTED
        yield RunStarted(run_id, names)
        try:
            estimate = yield from estimate_sending(
                roots,
                wiring.scan_rules(settings, ledger),
                _made_with(key, ledger),
                settings.chunk_size,
                stopped,
            )
            if stopped():
                end = RunEnd.STOPPED
            else:
                self._asked = service
                asked = question(service, names, estimate)
                yield asked
                yield RunHalted(f"{NOTHING_SENT} yet. {asked.message}", _HINT)
        finally:
            summary = tally.summary([], monitor.peaks(), VerdictRecorder().verdicts(), {})
            ledger.end_run(run_id, end, summary)
        yield RunFinished(run_id, end, summary)

    def _index_key(self, service: Service, settings: Settings) -> str:
        """What the rows depend on that this service makes."""
        name = ServiceMemory(self._paths.service_models).index_name(service)
        return wiring.index_key(settings, ModelFiles(Path(), name))


def _made_with(key: str, ledger: Ledger) -> dict[str, tuple[int, int]]:
    """Size and time of the files that are in the index with this key: sent already."""
    return {
        record.path: (record.size_bytes, record.mtime_ns)
        for record in ledger.files((Outcome.INDEXED,))
        if record.index_key == key
    }


_HINT = (
    "If that is all right, answer the question in the window, or add --send-text in the terminal. "
    "If not, set provider to huggingface: then the model runs on this computer."
)


def question(service: Service, folders: tuple[str, ...], estimate: SendingEstimate) -> SendingAsked:
    """What the user is asked before the first byte leaves."""
    dollars = price_of(service, estimate.tokens)
    where = where_text_goes(service, is_certain=True)
    cost = ""
    if dollars is not None:
        amount = f"about ${dollars:.2f}" if dollars >= 0.01 else "less than $0.01"
        cost = f" The service takes {amount} for that, at the prices of {PRICES_AS_OF}."
    maker = f" of {SERVICE_NAMES[service.provider]}" if service.is_default else ""
    message = (
        f"{where[0].upper()}{where[1:]}: {estimate.words} of {_listed(folders)}, for the model "
        f"{service.model}{maker}.{cost} What you search for goes there too."
    )
    return SendingAsked(
        service=service.label,
        host=service.host,
        model=service.model,
        folders=folders,
        files=estimate.files,
        passages=estimate.passages,
        tokens=estimate.tokens,
        dollars=dollars,
        message=message,
    )


def _listed(folders: tuple[str, ...]) -> str:
    names = [" ".join(folder.split()) for folder in folders[:2]]
    if len(folders) < 3:
        return " and ".join(names)
    return f"{names[0]} and {len(folders) - 1} other folders"
