"""To which services text may go: said by the user, kept in the data folder, revocable."""

import json
import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vext_desktop.embedding.service import Service
from vext_desktop.errors import ConsentError, VextError
from vext_desktop.safe_file import replace_file

# How every sentence begins that says so.
NOTHING_SENT = "Nothing was sent"

logger = logging.getLogger("vext.embedding")


@dataclass(frozen=True, slots=True)
class Consent:
    """Leave to send text to one model of one service.

    Attributes:
        provider: Its name in the settings.
        url: Its address.
        model: The model's name there.
        given_at: In s since 1970.
    """

    provider: str
    url: str
    model: str
    given_at: float

    def is_for(self, service: Service) -> bool:
        """Whether it is for this service and model."""
        return (self.provider, self.url, self.model) == (
            service.provider, service.url, service.model,
        )  # fmt: skip


class Consents:
    """What was agreed to, in one small file; a file that cannot be read agrees to nothing.

    Args:
        file: JSON; need not exist.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> tuple[Consent, ...]:
        """All that was agreed to and not taken back."""
        try:
            found: Any = json.loads(self._file.read_text(encoding="utf-8"))
            return tuple(
                Consent(
                    str(entry["provider"]),
                    str(entry["url"]),
                    str(entry["model"]),
                    float(entry["given_at"]),
                )
                for entry in found
            )
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            logger.warning("%s cannot be read, so nothing is agreed to: %s", self._file, error)
            return ()

    def allows(self, service: Service) -> bool:
        """Whether text may go there: it stays on this computer, or the user has agreed."""
        return not service.sends_data_away or any(given.is_for(service) for given in self.all())

    def check(self, service: Service) -> None:
        """See that text may go there.

        Raises:
            ConsentError: It may not.
        """
        if not self.allows(service):
            raise ConsentError(
                f"{NOTHING_SENT}: {where_text_goes(service)} (model {service.model}), and you "
                "have not agreed to that.",
                'In the window, choose "Look for changes" and answer the question; in the '
                "terminal, add --send-text. Or set provider to huggingface: then the model runs "
                "on this computer.",
            )

    def give(self, service: Service, now_s: float | None = None) -> None:
        """Note that the user agrees.

        Raises:
            VextError: It cannot be written down.
        """
        given = Consent(
            service.provider,
            service.url,
            service.model,
            time.time() if now_s is None else now_s,
        )
        self._write([*(kept for kept in self.all() if not kept.is_for(service)), given])

    def take_back(self, consent: Consent | None = None) -> None:
        """Forget one consent, or all of them.

        Raises:
            VextError: It cannot be written down.
        """
        self._write([kept for kept in self.all() if consent is not None and kept != consent])

    def _write(self, consents: list[Consent]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            values = [asdict(consent) for consent in consents]
            replace_file(self._file, json.dumps(values, indent=2) + "\n")
        except OSError as error:
            raise VextError(
                f"What you said could not be kept in {self._file}: {error.strerror}.",
                "See that there is room, and that the data folder may be written to.",
            ) from error


def where_text_goes(service: Service, *, is_certain: bool = False) -> str:
    """Where text goes, or would go, as the beginning or the middle of a sentence."""
    if service.is_loopback:
        goes = "goes" if is_certain else "would go"
        return (
            f"your text {goes} to the program at {service.host} on this computer, which may pass "
            "it on"
        )
    goes = "leaves this computer and goes" if is_certain else "would leave this computer and go"
    plainly = ", unencrypted" if service.url.startswith("http:") else ""
    return f"your text {goes} to {service.host}{plainly}"
