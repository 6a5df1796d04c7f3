"""Texts sent to a service of ours, and what becomes of them."""

from typing import Any

import numpy as np
import pytest
from fake_services import KEY, FakeService

from vext_desktop.embedding.service_embedder import ServiceEmbedder
from vext_desktop.embedding.validate import validate_vectors
from vext_desktop.errors import VextError
from vext_desktop.keys import SecretKey

TEXTS = ["a rose", "an old ship", "Überraschung: 日本語"]


def embed(service: FakeService, texts: list[str] | None = None, **others: Any) -> np.ndarray:
    embedder = ServiceEmbedder(service.describe(**others), SecretKey(KEY))
    try:
        batch = embedder.embed(TEXTS if texts is None else texts)
        validate_vectors(batch, len(TEXTS if texts is None else texts), service.dimension)
        return batch.vectors
    finally:
        embedder.close()


def failure(service: FakeService, **others: Any) -> VextError:
    with pytest.raises(VextError) as caught:
        embed(service, **others)
    return caught.value
