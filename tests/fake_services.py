"""Services that embed texts, here on this computer: they speak each protocol, and fail on order."""

import base64
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import numpy as np

from vext_desktop.embedding.service import Service

DIMENSION = 6
KEY = "sk-Zq7Vw9Xr2LmPt4Nb"


def vector_of(text: str, dimension: int = DIMENSION) -> list[float]:
    """The same for the same text, nearly another for another; not of unit length."""
    seed = int.from_bytes(text.encode("utf-8")[-64:] or b"\0", "big") % (1 << 32)
    return [float(one) for one in np.random.default_rng(seed).normal(size=dimension)]


def unit_vector_of(text: str, dimension: int = DIMENSION) -> np.ndarray:
    vector = np.array(vector_of(text, dimension), np.float32)
    return vector / np.linalg.norm(vector)


@dataclass
class Reply:
    """What the server does with one request instead of answering it well.

    Attributes:
        status: The HTTP status.
        headers: Sent beside it.
        body: Sent as it is; None for what the protocol would answer.
        cuts: Bytes of the body that are sent before the connection is closed; all if None.
        stall_s: How long nothing is said at all.
        change: Given the good answer, makes the one that is sent.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cuts: int | None = None
    stall_s: float = 0.0
    change: Callable[[Any], Any] | None = None


Script = Callable[["Request"], Reply | None]


@dataclass(frozen=True)
class Request:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    texts: list[str]
    number: int


class FakeService:
    """A server on a port of its own, in a thread.

    Args:
        provider: Whose protocol it speaks.
        script: Says for each request what goes wrong; None: nothing.
    """

    def __init__(self, provider: str, script: Script | None = None) -> None:
        self.provider = provider
        self.script = script or (lambda _request: None)
        self.requests: list[Request] = []
        self.dimension = DIMENSION
        self.ended = threading.Event()
        handler = type("Handler", (_Handler,), {"service": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="fake service"
        )

    @property
    def url(self) -> str:
        place = f"http://127.0.0.1:{self._server.server_address[1]}"
        return f"{place}/v1" if self.provider == "openai" else place

    @property
    def texts(self) -> list[str]:
        """All that was ever sent here."""
        return [text for request in self.requests for text in request.texts]

    def describe(self, **others: Any) -> Service:
        """What the settings would say of it."""
        values = {"model": "small", "timeout_s": 5.0, **others}
        return Service(self.provider, self.url, **values)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, body: dict[str, Any], texts: list[str]) -> Any:
        """What the protocol answers."""
        vectors = [vector_of(text, self.dimension) for text in texts]
        if self.provider == "cohere":
            return {
                "id": "1",
                "embeddings": {"float": vectors},
                "texts": texts,
                "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 3}},
                "response_type": "embeddings_by_type",
            }
        if self.provider == "ollama":
            return {
                "model": body["model"],
                "embeddings": vectors,
                "total_duration": 1,
                "load_duration": 1,
                "prompt_eval_count": 3,
            }
        packs = body.get("encoding_format") == "base64"
        data = [
            {
                "object": "embedding",
                "index": index,
                "embedding": _packed(vector) if packs else vector,
            }
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 3, "total_tokens": 3}
        return {"object": "list", "data": data, "model": body["model"], "usage": usage}


@contextmanager
def running(provider: str, script: Script | None = None) -> Iterator[FakeService]:
    service = FakeService(provider, script)
    service.start()
    try:
        yield service
    finally:
        service.close()


def in_turn(*replies: Reply | None) -> Script:
    """The first reply to the first request, and so on; afterwards all is well."""
    left = list(replies)
    return lambda _request: left.pop(0) if left else None


def always(reply: Reply) -> Script:
    return lambda _request: reply


def to_documents(reply: Reply) -> Script:
    """Only what is not the short text of ours meets it."""
    return lambda request: reply if "Vext Desktop" not in request.texts[0] else None


def error_body(provider: str, message: str, code: str = "") -> bytes:
    """An error in the form of this provider."""
    if provider == "openai":
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
        return json.dumps({"error": error}).encode()
    return json.dumps({"message" if provider == "cohere" else "error": message}).encode()


def vectors_in(answer: Any) -> list[Any]:
    """The list of an answer that has an entry for each text."""
    if "data" in answer:
        return answer["data"]
    found = answer["embeddings"]
    return found["float"] if isinstance(found, dict) else found


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: ClassVar[FakeService]

    def do_POST(self) -> None:
        service = self.service
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        texts = body["texts"] if service.provider == "cohere" else body["input"]
        headers = {name.lower(): value for name, value in self.headers.items()}
        number = len(service.requests) + 1
        request = Request(self.path, headers, body, texts, number)
        service.requests.append(request)
        reply = service.script(request) or Reply()
        if self.path != _PATHS[service.provider]:
            reply = Reply(404, body=b'{"error": "no such page"}')
        self._send(reply, body, texts)

    def _send(self, reply: Reply, body: dict[str, Any], texts: list[str]) -> None:
        deadline = time.monotonic() + reply.stall_s
        while time.monotonic() < deadline and not self.service.ended.wait(0.01):
            pass
        content = reply.body
        if content is None:
            answer = self.service.answer(body, texts)
            content = json.dumps(reply.change(answer) if reply.change else answer).encode()
        with suppress(OSError):  # who asked has gone away
            if reply.cuts == 0:
                self._hang_up()
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: reply.cuts])
            self.wfile.flush()
            if reply.cuts is not None:
                self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        return None


_PATHS = {"openai": "/v1/embeddings", "cohere": "/v2/embed", "ollama": "/api/embed"}
