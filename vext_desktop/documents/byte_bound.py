"""How much of a text a model surely reads, where no tokenizer is at hand that counts tokens."""


class ByteBound:
    """Cuts texts to a number of bytes.

    A token stands for a byte of UTF-8 or more, so a text of so many bytes has no more tokens.

    Args:
        max_bytes: Bytes in UTF-8, at most.
    """

    def __init__(self, max_bytes: int) -> None:
        self._most = max_bytes

    def fit(self, text: str) -> int:
        """How much of `text` is within the bound, in characters; see `TokenBound.fit`."""
        if 4 * len(text) <= self._most:
            return len(text)
        # Half of a surrogate pair has no UTF-8; it goes out as what takes three bytes too.
        encoded = text.encode("utf-8", "surrogatepass")
        if len(encoded) <= self._most:
            return len(text)
        return max(1, len(encoded[: self._most].decode("utf-8", "ignore")))
