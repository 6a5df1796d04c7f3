"""How a child process is started: the same program again, with two sockets to talk over."""

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping

from vext_desktop.keys import without_keys
from vext_desktop.packaged import is_packaged
from vext_desktop.supervision.channel import CHILD_FLAG

# A short piece of work in a process of its own: no sockets, and an exit code for an answer.
PREPARER_ROLE = "preparer"


def own_command(role: str) -> list[str]:
    """The command that starts this very program in a role; what the role needs comes after it."""
    command = [sys.executable]
    if not is_packaged():
        # -P: the current folder may be the user's documents; no module is imported from there.
        command += ["-P", "-m", "vext_desktop"]
    return [*command, CHILD_FLAG, role]


def launch_child(
    role: str,
    endpoints: tuple[socket.socket, socket.socket],
    log_fd: int,
    environment: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start a fresh interpreter (or ourselves, when frozen) that serves the two sockets.

    Args:
        role: What the child is to do.
        endpoints: The child's ends: channel and monitor; the caller closes its own copies.
        log_fd: An open file for what the child prints.
        environment: Variables set on top of our own.

    Raises:
        OSError: The system did not let it start.
    """
    command = own_command(role)
    # A reader of hostile documents needs nobody's keys.
    variables = {**without_keys(os.environ), "PYTHONUNBUFFERED": "1", **environment}
    if sys.platform == "win32":
        return _launch_on_windows(command, endpoints, log_fd, variables)
    numbers = [endpoint.fileno() for endpoint in endpoints]
    return subprocess.Popen(  # noqa: S603 - our own program
        [*command, *map(str, numbers)],
        stdin=subprocess.DEVNULL,
        stdout=log_fd,
        stderr=log_fd,
        env=variables,
        pass_fds=numbers,
        process_group=0,  # Ctrl-C in the terminal is for the parent, who tells the child
    )


if sys.platform == "win32":

    def _launch_on_windows(
        command: list[str],
        endpoints: tuple[socket.socket, socket.socket],
        log_fd: int,
        variables: dict[str, str],
    ) -> subprocess.Popen[bytes]:
        """Hand the sockets over by description on standard input: they have no numbers here."""
        base = getattr(sys, "_base_executable", sys.executable)
        if base != sys.executable:
            # A venv's python.exe only starts another process, which could not be given the
            # sockets and would survive kill(); multiprocessing goes round it in the same way.
            command = [base, *command[1:]]
            variables = {**variables, "__PYVENV_LAUNCHER__": sys.executable}
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=log_fd,
            stderr=log_fd,
            env=variables,
            creationflags=subprocess.CREATE_NO_WINDOW,
        )
        with process.stdin as pipe:  # type: ignore[union-attr]  # PIPE makes it a stream
            for endpoint in endpoints:
                shared = endpoint.share(process.pid)
                pipe.write(struct.pack(">I", len(shared)) + shared)
        return process
