"""What was learnt of the models of services by asking them: dimensions, and whether they change.

A service can put another model under a name at any time. Its vectors of one fixed text, kept from
the first time, show that; the model then gets another name in the index, so that vectors of two
models never meet.
"""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vext_desktop.embedding.embedder import Vectors
from vext_desktop.embedding.service import Service
from vext_desktop.errors import ModelError
from vext_desktop.safe_file import replace_file

# Two answers of one model to one text differ in the fourth digit at most, those of two models of
# one family by much more.
LEAST_COSINE = 0.98

logger = logging.getLogger("vext.embedding")


@dataclass(frozen=True, slots=True)
class _Learnt:
    """Of one model, as asked for.

    Attributes:
        version: Counts the models that were behind the name, from 1.
        proof: The vector of the fixed text; empty before the first.
    """

    version: int = 1
    proof: tuple[float, ...] = field(default=(), repr=False)


class ServiceMemory:
    """Remembers models of services, in one small file that can be deleted at any time.

    Args:
        file: JSON; need not exist.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def dimension(self, service: Service) -> int:
        """Numbers in a vector; 0 if nobody knows yet."""
        return service.known_dimension or len(self._learnt(service).proof)

    def index_name(self, service: Service) -> str:
        """The model's name in the index; another one since the service has changed the model."""
        name = service.index_name(self.dimension(service))
        version = self._learnt(service).version
        return name if version == 1 else f"{name}, version {version}"

    def check(self, service: Service, vector: Vectors) -> None:
        """Compare the vector of the fixed text with that of the first time, or keep it.

        Args:
            service: Who gave it.
            vector: Shape (dimension,), of unit length.

        Raises:
            ModelError: The model behind the name is another one by now.
        """
        learnt = self._learnt(service)
        if not learnt.proof:
            self._keep(service, _Learnt(learnt.version, _written(vector)))
            return
        before = np.array(learnt.proof, np.float32)
        if before.shape == vector.shape and float(before @ vector) >= LEAST_COSINE:
            return
        self._keep(service, _Learnt(learnt.version + 1, _written(vector)))
        raise ModelError(
            f'{service.label} has put another model under the name "{service.model}": its vectors '
            "cannot be compared with those in the index. Nothing was changed there.",
            "Index again: the index is then built anew for the model of now, and until it is "
            "complete the old one answers by words.",
        )

    def _learnt(self, service: Service) -> _Learnt:
        entry: Any = self._read().get(_name(service))
        try:
            return _Learnt(int(entry["version"]), tuple(float(one) for one in entry["proof"]))
        except (TypeError, KeyError, ValueError):
            return _Learnt()

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # learnt anew
        return found if isinstance(found, dict) else {}

    def _keep(self, service: Service, learnt: _Learnt) -> None:
        entry = {"version": learnt.version, "proof": learnt.proof}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(self._file, json.dumps({**self._read(), _name(service): entry}))
        except OSError as error:
            logger.warning("what was learnt of %s could not be kept: %s", service.model, error)


def _name(service: Service) -> str:
    return f"{service.provider} {service.url} {service.model} {service.dimension}"


def _written(vector: Vectors) -> tuple[float, ...]:
    return tuple(round(float(number), 6) for number in vector)
