"""TLS for `serve`, for an installation without a proxy in front."""

from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.protocols.tls import TLSMemoryBIOFactory


class TlsError(Exception):
    """The files can't be used; the text says why, in one line."""


class TlsContext:
    """TLS 1.2 and newer, with a certificate chain and its key, both PEM. Raises TlsError."""

    def __init__(self, certificate: str, key: str) -> None:
        for path in (certificate, key):
            try:
                Path(path).open("rb").close()
            except OSError as error:
                raise TlsError(f"Cannot read {path}: {error.strerror}") from error
        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)
        self._context.set_min_proto_version(SSL.TLS1_2_VERSION)
        try:
            self._context.use_certificate_chain_file(certificate)
            self._context.use_privatekey_file(key)
            self._context.check_privatekey()
        except SSL.Error as error:
            raise TlsError(f"{certificate} and {key} are not a PEM certificate and its key") from error

    def getContext(self) -> SSL.Context:  # noqa: N802 -- Twisted's name
        return self._context

    def wrap(self, factory: Any) -> Any:
        """A factory whose connections speak TLS below what `factory` makes."""
        context: Any = self
        return TLSMemoryBIOFactory(context, False, factory)
