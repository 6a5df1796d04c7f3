"""Embedding by a service: texts become requests, answers become vectors of unit length."""

from collections.abc import Iterator, Sequence

import numpy as np

from vext_desktop.embedding.embedder import EmbeddedBatch, EmbedderInfo, Vectors
from vext_desktop.embedding.service import Service
from vext_desktop.embedding.service_client import ServiceClient
from vext_desktop.embedding.service_models import service_card
from vext_desktop.embedding.service_protocol import UnusableAnswerError, create_protocol
from vext_desktop.errors import ServiceError
from vext_desktop.keys import SecretKey


class ServiceEmbedder:
    """A model behind HTTP; an `Embedder`.

    Nothing is sent before the first text. One request is made at a time: with nearly a hundred
    texts in each, a service is faster than we read, and most count requests by the minute.

    Args:
        service: Whom to ask.
        key: Signs the requests.
        name: The model's name in the index.
        dimension: Numbers in its vectors, as far as they were learnt.
    """

    def __init__(
        self,
        service: Service,
        key: SecretKey | None = None,
        name: str = "",
        dimension: int = 0,
    ) -> None:
        self._service = service
        self._protocol = create_protocol(service)
        self._client = ServiceClient(service, key)
        self._name = name
        self._dimension = service.known_dimension or dimension

    @property
    def info(self) -> EmbedderInfo:
        """What it is; the dimension is 0 until it is known."""
        service = self._service
        return EmbedderInfo(
            engine=service.provider,
            model=self._name or service.index_name(self._dimension),
            dimension=self._dimension,
            max_tokens=service_card(service, self._dimension).max_tokens,
            tokenizer_file="",
            device=service.host,
            sends_data_away=service.sends_data_away,
        )

    def embed(self, texts: Sequence[str], *, as_query: bool = False) -> EmbeddedBatch:
        """Embed texts; the result has one row for each, in order.

        Raises:
            TextRefusedError: The service does not take one of them.
            ServiceError: It gave no usable vectors, for no fault of theirs.
        """
        if not texts:
            return EmbeddedBatch(np.empty((0, self._dimension), np.float32), 0)
        # Half of a surrogate pair is no text; JSON cannot carry it.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        parts = [self._ask(group, as_query=as_query) for group in self._groups(clean)]
        return EmbeddedBatch(np.concatenate(parts), 0)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _groups(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Texts for one request each, within what the service takes; never fewer than one."""
        most = min(self._protocol.max_inputs, self._service.max_inputs)
        group: list[str] = []
        group_bytes = 0
        for text in texts:
            size_bytes = len(text.encode())  # never fewer than its tokens
            is_full = len(group) >= most or group_bytes + size_bytes > self._protocol.max_tokens
            if group and is_full:
                yield group
                group, group_bytes = [], 0
            group.append(text)
            group_bytes += size_bytes
        yield group

    def _ask(self, texts: list[str], *, as_query: bool) -> Vectors:
        body = self._protocol.body(texts, as_query=as_query)
        answer = self._client.post(self._protocol.path, body, as_query=as_query)
        try:
            rows = self._protocol.rows(answer, len(texts))
        except UnusableAnswerError as error:
            raise ServiceError(
                f"The answer of {self._service.label} cannot be used: {error}.",
                "Start indexing again later, or choose another server in the settings.",
                may_pass=True,
            ) from None
        self._dimension = self._dimension or len(rows[0])
        wrong = next((len(row) for row in rows if len(row) != self._dimension), None)
        if wrong is not None or not self._dimension:
            raise ServiceError(
                f"{self._service.label} gave a vector of {wrong or 0} numbers instead of "
                f"{self._dimension}; it cannot stand beside the others.",
                f"Set service_dimension in the settings to what the model "
                f'"{self._service.model}" gives, or choose another model.',
            )
        return _of_unit_length(np.stack(rows))


def _of_unit_length(vectors: Vectors) -> Vectors:
    """Scaled to length 1; what has no length, or no numbers, stays for whoever judges vectors."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
        scaled = vectors / np.where(lengths > 0, lengths, 1.0)
    result: Vectors = np.ascontiguousarray(scaled, dtype=np.float32)
    return result
