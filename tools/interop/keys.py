"""What both sides prove themselves with: made for one run, and known to nobody else."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from gateway.testing.certificates import certified

USER = "tinh-thu"


@dataclass(frozen=True, slots=True)
class Keys:
    """A folder with both keys and certificates, and a password."""

    folder: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)

    def write(self) -> None:
        """Make the files: ``peer.pem`` and ``gateway.pem`` hold a key with its certificate below it."""
        self.folder.mkdir(mode=0o700)
        for name in ("peer", "gateway"):
            both, certificate = certified(name)
            (self.folder / f"{name}.pem").write_bytes(both)
            (self.folder / f"{name}-certificate.pem").write_bytes(certificate)
