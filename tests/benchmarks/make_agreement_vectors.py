"""Make the vectors that the onnx engine is judged by: those of the torch engine.

    python tests/benchmarks/make_agreement_vectors.py

Run it after changing resources/agreement/texts.json; it writes the vectors beside it.
"""

from pathlib import Path

import numpy as np

from vext_desktop.embedding.default_model import find_model
from vext_desktop.embedding.onnx_agreement import VECTORS_FILE, agreement_texts
from vext_desktop.embedding.torch_engine import TorchEmbedder

PLACE = Path(__file__).parents[2] / "resources" / "agreement"


def main() -> None:
    model = find_model("")
    reference = TorchEmbedder(model.folder, model.name)
    vectors = reference.embed(agreement_texts()).vectors
    reference.close()
    np.save(PLACE / VECTORS_FILE, vectors)
    print(f"{vectors.shape[0]} vectors of {vectors.shape[1]} numbers")


if __name__ == "__main__":
    main()
