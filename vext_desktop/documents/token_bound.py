"""How much of a text a model reads, counted with the model's own tokenizer."""

from tokenizers import Tokenizer


class TokenBound:
    """Cuts texts to a number of tokens.

    Args:
        tokenizer_file: Path of the model's `tokenizer.json`.
        max_tokens: Tokens that the model reads, the special ones that it adds included.
    """

    def __init__(self, tokenizer_file: str, max_tokens: int) -> None:
        self._tokenizer = Tokenizer.from_file(tokenizer_file)
        # The file may carry settings that cut or lengthen what is counted.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self._most = max(1, max_tokens - special)

    def fit(self, text: str) -> int:
        """How much of `text` the model reads, in characters.

        The whole length means that all of it is read. A shorter one is a token's edge, and a
        proposal: ask again with the shorter text, for half a word can have more tokens than
        the whole. Never 0 for a text, so a single character of more tokens than the model has
        places counts as read.
        """
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        if len(encoding) <= self._most or len(text) <= 1:
            return len(text)
        characters = encoding.token_to_chars(self._most)
        edge = characters[0] if characters else 0
        return edge if 0 < edge < len(text) else len(text) // 2
