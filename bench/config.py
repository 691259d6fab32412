"""The configuration that is measured: one portal, one partner by REST or by SOAP, one that reads a feed."""

from __future__ import annotations

from pathlib import Path

WSDL = Path(__file__).parent / "soap" / "partner.wsdl"

_ROUTES = """
[[route]]
id = "relayed"
source = "portal"
procedures = ["1.1*"]
to = ["partner"]

[[route]]
id = "kept"
source = "portal"
procedures = ["1.2*"]
to = ["reader"]

[[route]]
id = "both"
source = "portal"
procedures = ["1.3*"]
to = ["partner", "reader"]
"""

_PORTAL = """
id = "portal"
role = "portal"
adapter = "feed"
tell_relay = false
[name]
vi = "Cổng"
"""

_READER = """
id = "reader"
role = "system"
adapter = "feed"
[name]
vi = "Bên đọc"
"""

_PARTNER = """
id = "partner"
role = "system"
adapter = "rest"
[name]
vi = "Bên nhận"
[endpoint]
sandbox = "{target}"
[limits]
concurrency = 64
[doubt."*"]
doubt = "resend"
[options.operations."*"]
method = "POST"
path = "/in"
mapping = "bench"
[[options.outcomes]]
http = [200]
path = "error_code"
equals = ["0"]
then = "delivered"
"""

_SOAP_PARTNER = """
id = "partner"
role = "system"
adapter = "soap"
[name]
vi = "Bên nhận"
[endpoint]
sandbox = "{target}/soap"
[limits]
concurrency = 64
[doubt."*"]
doubt = "resend"
[options]
wsdl = "wsdl/partner.wsdl"
[options.operations."*"]
operation = "nhanHoSo"
mapping = "bench"
[[options.outcomes]]
http = [200]
path = "error_code"
equals = ["0"]
then = "delivered"
"""

_MAPPING = """
version = "1"
row = [
  { to = "MaHoSo", from = "code:province", required = true },
  { to = "MaTTHC", from = "dossier.procedure.code" },
  { to = "TenTTHC", from = "dossier.procedure.name" },
  { to = "ChuHoSo", from = "dossier.owner.name.whole" },
  { to = "SoGiayToChuHoSo", from = "dossier.owner.identities[0].number" },
  { to = "TrichYeuHoSo", from = "dossier.summary" },
  { to = "ToKhai", from = "dossier.form.data", as = "raw" },
  { to = "MaGiaoDich", from = "delivery.id" },
]
"""


_OVER_POSTGRES = """
[store]
postgres = "env:GATEWAY_POSTGRES"
"""


def write(folder: Path, target: str, *, postgres: bool = False, soap: bool = False) -> Path:
    """Write the configuration below ``folder`` and return where it is."""
    config = folder / "config"
    files = {
        "gateway.toml": _OVER_POSTGRES if postgres else "",
        "routes.toml": _ROUTES,
        "services.toml": "",
        "calendar.toml": "",
        "systems/portal.toml": _PORTAL,
        "systems/reader.toml": _READER,
        "systems/partner.toml": (_SOAP_PARTNER if soap else _PARTNER).format(target=target),
        "mappings/bench.toml": _MAPPING,
        "wsdl/partner.wsdl": WSDL.read_text(encoding="utf-8"),
    }
    for name, text in files.items():
        path = config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return config
