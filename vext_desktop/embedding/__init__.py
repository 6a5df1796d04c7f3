"""Texts become vectors: the Embedder protocol, the engines, and the process that runs one."""
