"""Frames over one end of a socket pair: two lengths, a JSON object, raw bytes."""

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

Header = dict[str, Any]

CHILD_FLAG = "--child"
_LENGTHS = struct.Struct(">IQ")
# A child that sends more than this is broken or hostile.
_MAX_HEADER_BYTES = 64 << 20
_MAX_PAYLOAD_BYTES = 1 << 30
_POLL_SECONDS = 0.1
_READ_BYTES = 1 << 18


class Channel:
    """One end of the socket pair between parent and child.

    Args:
        endpoint: A connected stream socket; the channel owns it from now on.
    """

    def __init__(self, endpoint: socket.socket) -> None:
        self._socket = endpoint
        # What has arrived of the next frame stays here when a wait is given up half-way.
        self._arrived = bytearray()

    def send(
        self,
        header: Header,
        payload: bytes | memoryview = b"",
        is_wanted: Callable[[], None] | None = None,
    ) -> None:
        """Send one frame; after a failure half-way the channel is good for nothing more.

        Args:
            header: What can be written as JSON.
            payload: Raw bytes.
            is_wanted: Called several times a second while waiting; raises to stop waiting.

        Raises:
            OSError: The other end is gone.
        """
        encoded = json.dumps(header).encode("ascii")
        content = memoryview(payload).cast("B")
        self._socket.settimeout(_POLL_SECONDS if is_wanted else None)
        start = _LENGTHS.pack(len(encoded), len(content)) + encoded
        for piece in (memoryview(start), content):
            rest = piece
            while rest:
                try:
                    rest = rest[self._socket.send(rest) :]
                except TimeoutError:  # an OSError too; the other end reads nothing just now
                    if is_wanted:
                        is_wanted()

    def receive(self, is_wanted: Callable[[], None] | None = None) -> tuple[Header, bytes]:
        """Wait for one frame.

        Args:
            is_wanted: Called several times a second while waiting; raises to stop waiting.

        Raises:
            EOFError: The other end is gone.
            ValueError: What came is no frame.
        """
        self._socket.settimeout(_POLL_SECONDS if is_wanted else None)
        self._wait_for(_LENGTHS.size, is_wanted)
        header_length, payload_length = _LENGTHS.unpack_from(self._arrived)
        if header_length > _MAX_HEADER_BYTES or payload_length > _MAX_PAYLOAD_BYTES:
            raise ValueError("a frame is larger than any that we send")
        header_end = _LENGTHS.size + header_length
        self._wait_for(header_end + payload_length, is_wanted)
        try:
            header = json.loads(self._arrived[_LENGTHS.size : header_end])
        except RecursionError:
            raise ValueError("a frame's JSON is nested too deeply") from None
        payload = bytes(self._arrived[header_end : header_end + payload_length])
        del self._arrived[: header_end + payload_length]
        if not isinstance(header, dict):
            raise ValueError("a frame does not hold a JSON object")  # noqa: TRY004
        return header, payload

    def close(self) -> None:
        """Close this end; the other end sees an end-of-file."""
        self._socket.close()

    def _wait_for(self, length: int, is_wanted: Callable[[], None] | None) -> None:
        while len(self._arrived) < length:
            try:
                piece = self._socket.recv(_READ_BYTES)
                if not piece:
                    raise EOFError
                self._arrived += piece
            except TimeoutError:
                pass
            except ConnectionError as error:
                raise EOFError from error
            # Asked after every piece too, for a child that sends one byte now and then.
            if is_wanted and len(self._arrived) < length:
                is_wanted()
