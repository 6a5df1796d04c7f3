"""The network of a BERT as ONNX Runtime computes it best, built from its weights.

Whoever changes what is written here raises the versions in `onnx_kind`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from onnx import GraphProto, NodeProto, TensorProto, helper

from vext_desktop.embedding.onnx_architecture import BertArchitecture
from vext_desktop.embedding.onnx_prepared import GRAPH_FILE, MATRICES_FILE
from vext_desktop.embedding.onnx_weights import Weights

INPUT = "embedded"
OUTPUT = "vectors"
FUSED = "com.microsoft"  # ONNX Runtime's own operators
_OPSET = 17
_IR_VERSION = 8  # the one of this opset; ONNX Runtime refuses a newer one than it knows
# The runtime maps each matrix by itself, and mappings begin on a page.
_PAGE_BYTES = 4096


def write_graph(
    weights: Weights, architecture: BertArchitecture, folder: Path, writer: "type[GraphWriter]"
) -> None:
    """Write the network: `model.onnx`, and its matrices in a file of their own.

    Its input is one text: the sums of word, position and type vectors, shape (1, tokens, width).
    No padding, hence no mask. Its output is the text's vector of length 1, shape (1, width).
    """
    with (folder / MATRICES_FILE).open("wb") as stream:
        graph = writer(weights, architecture, stream).write()
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(FUSED, 1)],
        ir_version=_IR_VERSION,
    )
    (folder / GRAPH_FILE).write_bytes(model.SerializeToString())


class GraphWriter:
    """Builds the exact network node by node, and writes each matrix when it is first named."""

    def __init__(self, weights: Weights, architecture: BertArchitecture, stream: BinaryIO) -> None:
        self._weights = weights
        self._architecture = architecture
        self._stream = stream
        self._nodes: list[NodeProto] = []
        self._matrices: list[TensorProto] = []

    def write(self) -> GraphProto:
        """All nodes and the places of all matrices."""
        norm = self._norm("embeddings.LayerNorm")
        epsilon = self._architecture.epsilon
        tokens = self._node("LayerNormalization", [INPUT, *norm], axis=-1, epsilon=epsilon)
        for layer in range(self._architecture.layers):
            tokens = self._layer(tokens, f"encoder.layer.{layer}.")
        mean = self._node("ReduceMean", [tokens], axes=[1], keepdims=0)
        self._node("LpNormalization", [mean], OUTPUT, axis=-1, p=2)
        width = self._architecture.width
        shape_in: list[int | str] = [1, "tokens", width]
        number = TensorProto.FLOAT
        return helper.make_graph(
            self._nodes,
            "text to vector",
            [helper.make_tensor_value_info(INPUT, number, shape_in)],
            [helper.make_tensor_value_info(OUTPUT, number, [1, width])],
            self._matrices,
        )

    def _layer(self, tokens: str, layer: str) -> str:
        attended = self._attention(tokens, f"{layer}attention.self.")
        attended = self._dense(attended, f"{layer}attention.output.dense")
        tokens = self._add_and_norm(attended, tokens, f"{layer}attention.output.")
        wide = self._widened(tokens, f"{layer}intermediate.dense")
        narrow = self._narrowed(wide, f"{layer}output.dense")
        return self._add_and_norm(narrow, tokens, f"{layer}output.")

    def _attention(self, tokens: str, place: str) -> str:
        parts = ("query", "key", "value")
        products = [self._product(tokens, place + part) for part in parts]
        biases = [self._weights.read(f"{place}{part}.bias") for part in parts]
        bias = self._matrix(f"{place}bias", np.concatenate(biases))
        heads = self._architecture.heads
        return self._node("MultiHeadAttention", [*products, bias], domain=FUSED, num_heads=heads)

    def _add_and_norm(self, inner: str, outer: str, place: str) -> str:
        # Not SkipLayerNormalization, which does the same in one node and takes six times as long.
        both = self._node("Add", [inner, outer])
        norm = self._norm(f"{place}LayerNorm")
        epsilon = self._architecture.epsilon
        return self._node("LayerNormalization", [both, *norm], axis=-1, epsilon=epsilon)

    def _dense(self, left: str, place: str) -> str:
        return self._node("Add", [self._product(left, place), self._vector(f"{place}.bias")])

    def _widened(self, tokens: str, place: str) -> str:
        """The dense layer in front of the activation, and the activation."""
        product = self._product(tokens, place)
        return self._node("BiasGelu", [product, self._vector(f"{place}.bias")], domain=FUSED)

    def _narrowed(self, wide: str, place: str) -> str:
        """The dense layer behind the activation."""
        return self._dense(wide, place)

    def _product(self, left: str, place: str) -> str:
        name = f"{place}.weight"
        return self._node("MatMul", [left, self._matrix(name, self._weights.read(name).T)])

    def _norm(self, place: str) -> tuple[str, str]:
        return self._vector(f"{place}.weight"), self._vector(f"{place}.bias")

    def _vector(self, name: str) -> str:
        return self._matrix(name, self._weights.read(name))

    def _node(self, kind: str, inputs: Sequence[str], output: str = "", **options: Any) -> str:
        output = output or f"step {len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, **options))
        return output

    def _matrix(self, name: str, values: npt.NDArray[Any]) -> str:
        """Append a matrix to the file, and name its place there in the graph."""
        self._stream.write(b"\0" * (-self._stream.tell() % _PAGE_BYTES))
        matrix = TensorProto(
            name=name,
            data_type=helper.np_dtype_to_tensor_dtype(values.dtype),
            dims=values.shape,
            data_location=TensorProto.EXTERNAL,
        )
        place = {
            "location": MATRICES_FILE,
            "offset": self._stream.tell(),
            "length": values.nbytes,
        }
        for key, value in place.items():
            matrix.external_data.add(key=key, value=str(value))
        self._stream.write(np.ascontiguousarray(values).data)
        self._matrices.append(matrix)
        return name
