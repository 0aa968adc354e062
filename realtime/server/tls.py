"""TLS for `serve`, for an installation without a proxy in front."""

import ssl
from asyncio import sslproto
from pathlib import Path

RECORD_BUFFER_BYTES = 16 * 1024
"""How much asyncio reads at once from a TLS connection, into a buffer of its own: 256 KiB for each by default."""


class TlsError(Exception):
    """The files can't be used; the text says why, in one line."""


def tls_context(certificate: str, key: str) -> ssl.SSLContext:
    """TLS 1.2 and newer, with a certificate chain and its key, both PEM. Raises TlsError."""
    for path in (certificate, key):
        try:
            Path(path).open("rb").close()
        except OSError as error:
            raise TlsError(f"Cannot read {path}: {error.strerror}") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise TlsError(f"{certificate} and {key} are not a PEM certificate and its key") from error
    sslproto.SSLProtocol.max_size = RECORD_BUFFER_BYTES
    return context
