"""A cable to a server that can be cut: a TCP proxy on a port of its own."""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator

import sqlalchemy as sa


class Cable:
    """Carries bytes both ways while it is whole. Cut, it resets every connection and refuses new ones.

    Args:
        host: of the server.
        port: of the server.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._lock = threading.Lock()
        self._carried: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._cut_at: bytes | None = None
        self._reaches_the_server = False
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Make it whole, on the same port as before."""
        self._cut_at = None
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Reset what is connected and listen no more."""
        with self._lock:
            listener, self._listener = self._listener, None
            carried, self._carried = self._carried, set()
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for each in carried:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def cut_at(self, word: bytes, *, reaches_the_server: bool) -> None:
        """Cut it when a client sends this word: before the server has it, or before the server can answer."""
        self._cut_at, self._reaches_the_server = word, reaches_the_server

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self._server)
            except OSError:
                return
            with self._lock:
                whole = self._listener is listener
                self._carried |= {client, server}
            if not whole:
                client.close()
                server.close()
                return
            threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, contextlib.suppress(OSError, ValueError):
            while True:
                for readable in select.select([client, server], [], [])[0]:
                    piece = readable.recv(65536)
                    if not piece:
                        return
                    if readable is client and self._cut_at is not None and self._cut_at in piece:
                        if self._reaches_the_server:
                            server.sendall(piece)
                            server.recv(1)  # it has done what it was told
                        self.cut()
                        return
                    (server if readable is client else client).sendall(piece)


def rerouted(url: str, port: int) -> str:
    """Return a database's URL through a cable."""
    return sa.make_url(url).set(host="127.0.0.1", port=port).render_as_string(hide_password=False)


@contextlib.contextmanager
def cable(host: str, port: int) -> Iterator[Cable]:
    """Lay a cable to a server, and take it away."""
    laid = Cable(host, port)
    try:
        yield laid
    finally:
        laid.cut()
