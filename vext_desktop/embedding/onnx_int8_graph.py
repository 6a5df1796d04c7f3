"""The network of a BERT with its matrix products in 8 bits.

Each column of a matrix has a scale of its own. Between the layers the numbers of a text are
rounded to 8 bits when they come: with one scale for all its tokens where little depends on it
(query, key, value and what attention gives), with one for each token around the activation, where
a few large numbers would take the resolution from all others. The mean cosine to float32 is 0.9983
that way, 0.9972 with one scale for what is widened, 0.9929 with one scale everywhere.
"""

from typing import BinaryIO

import numpy as np
from onnx import helper, numpy_helper

from vext_desktop.embedding.onnx_architecture import BertArchitecture
from vext_desktop.embedding.onnx_graph import FUSED, GraphWriter
from vext_desktop.embedding.onnx_weights import Weights

# Largest weight of a column. Processors without VNNI add two products of unsigned and signed bytes
# in 16 bits and cut off what is more. Up to 64 nothing is ever cut; at 127 so much that the mean
# cosine falls to 0.993. 96 is the best of 64, 72, 80, 96 and 127 on a processor with only AVX2.
_TOP_WEIGHT = 96
_LEVELS = 255
# Where zero lies in these levels. GELU is never below -0.17: a sixteenth of them is enough for it.
_MIDDLE = 128
_GELU_ZERO = 16
_GELU_LEAST_SCALE = 0.17 / _GELU_ZERO
# Against the division by zero that a token of nothing but zeros would be.
_LEAST_SCALE = 1e-9


class Int8GraphWriter(GraphWriter):
    """Builds the network in which only attention and normalisation compute with float32."""

    def __init__(self, weights: Weights, architecture: BertArchitecture, stream: BinaryIO) -> None:
        super().__init__(weights, architecture, stream)
        self._rounded: dict[str, tuple[str, str, str]] = {}

    def _product(self, left: str, place: str) -> str:
        return self._integer_product(self._round(left), place)

    def _dense(self, left: str, place: str) -> str:
        return self._integer_product(self._round(left), place, self._vector(f"{place}.bias"))

    def _widened(self, tokens: str, place: str) -> str:
        size = self._node("Abs", [tokens])
        product = self._product_by_token(tokens, place, size, _MIDDLE, _LEAST_SCALE)
        # By tanh, which is 5e-4 off at the most, far below what 8 bits can tell.
        return self._node("FastGelu", [product, self._vector(f"{place}.bias")], domain=FUSED)

    def _narrowed(self, wide: str, place: str) -> str:
        product = self._product_by_token(wide, place, wide, _GELU_ZERO, _GELU_LEAST_SCALE)
        return self._node("Add", [product, self._vector(f"{place}.bias")])

    def _round(self, left: str) -> tuple[str, str, str]:
        """The names of `left` in 8 bits, of its scale, and of its zero; once for each `left`."""
        if left not in self._rounded:
            names = (f"{left}, rounded", f"{left}, scale", f"{left}, zero")
            node = helper.make_node("DynamicQuantizeLinear", [left], names, name=names[0])
            self._nodes.append(node)
            self._rounded[left] = names
        return self._rounded[left]

    def _product_by_token(
        self, left: str, place: str, size: str, zero: int, least_scale: float
    ) -> str:
        """The product with `left`, each token of which is rounded with a scale of its own.

        Args:
            left: The tokens.
            place: The matrix.
            size: Whose maximum in a token is to become the highest level.
            zero: The level of 0.
            least_scale: The scale where the tokens are smaller than that.
        """
        largest = self._node("ReduceMax", [size], axes=[-1], keepdims=1)
        scale = self._node("Mul", [largest, self._number(np.float32(1 / (_LEVELS - zero)))])
        scale = self._node("Max", [scale, self._number(np.float32(least_scale))])
        even = self._node("Mul", [left, self._node("Reciprocal", [scale])])
        one, level = self._number(np.float32(1)), self._number(np.uint8(zero))
        rounded = self._node("QuantizeLinear", [even, one, level])
        product = self._integer_product((rounded, one, level), place)
        return self._node("Mul", [product, scale])

    def _integer_product(self, left: tuple[str, str, str], place: str, bias: str = "") -> str:
        values = self._weights.read(f"{place}.weight").T
        scales = np.maximum(np.abs(values).max(axis=0) / _TOP_WEIGHT, _LEAST_SCALE)
        matrix = self._matrix(f"{place}.weight", np.rint(values / scales).astype(np.int8))
        scale = self._matrix(f"{place}.scale", scales.astype(np.float32))
        rounded, left_scale, left_zero = left
        inputs = [rounded, matrix, left_scale, scale, left_zero, "", bias]
        return self._node("MatMulIntegerToFloat", inputs, domain=FUSED)

    def _number(self, value: np.generic) -> str:
        """A constant."""
        name = f"{value.dtype} {value}"
        if all(matrix.name != name for matrix in self._matrices):
            self._matrices.append(numpy_helper.from_array(np.asarray(value), name))
        return name
