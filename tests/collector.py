"""An HTTP server that keeps what it receives, in the place of a collector of errors and traces."""

import gzip
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import brotli  # type: ignore[import-untyped]

UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress, "br": brotli.decompress}


class Collector:
    """`requests`: path and unpacked body of each POST."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = b"".join(iter(self._chunk, b""))
                else:
                    body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                collector.requests.append((self.path, self._unpack(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _chunk(self) -> bytes:
                chunk = self.rfile.read(int(self.rfile.readline(), 16))
                self.rfile.readline()
                return chunk

            def _unpack(self, body: bytes) -> bytes:
                unpack = UNPACK.get(self.headers.get("Content-Encoding", ""))
                return unpack(body) if unpack else body

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def bodies(self, path: str) -> bytes:
        """Everything that this path has received so far."""
        return b"\n".join(body for found, body in self.requests if found == path)
