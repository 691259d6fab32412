"""A ministry behind mutual TLS: who vouches for whom, and a server that asks for our certificate."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.testing.loopback import served

NOW = datetime.now(UTC)


class Authority:
    """Vouches for others."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.pem = self._sign(self.name, self.key, x509.BasicConstraints(ca=True, path_length=None))

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
        *,
        ends: datetime = NOW + timedelta(days=400),
        begins: datetime = NOW - timedelta(days=400),
    ) -> str:
        builder = x509.CertificateBuilder(subject_name=name, issuer_name=self.name, public_key=key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
        builder = builder.add_extension(extension, critical=True)
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM).decode()

    def pair(self, name: str, **dates: datetime) -> str:
        """Return a key and its certificate in one text."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
        made = self._sign(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, names, **dates)
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() + made


@asynccontextmanager
async def tls_server(authority: Authority, folder: Path) -> AsyncGenerator[tuple[str, list[str]]]:
    """Serve to whoever shows a certificate of this authority; yields address and the names that were shown."""
    shown: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        certificate = request.transport.get_extra_info("peercert")
        shown.append(dict(pair[0] for pair in certificate["subject"])["commonName"])
        return web.json_response({"ok": True})

    (folder / "server.pem").write_text(authority.pair("server"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # the default one wants more of ours, from Python 3.13 on
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.pem)
    context.load_cert_chain(folder / "server.pem")
    app = web.Application()
    app.router.add_post("/hoSo", answer)
    async with served(app, tls=context) as port:
        yield f"https://127.0.0.1:{port}", shown
