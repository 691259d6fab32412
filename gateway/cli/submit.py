"""``submit``: hand one dossier or one event over, as the portal would."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path
from typing import Annotated, TypeAlias, cast
from urllib.parse import quote

import msgspec
import typer

from gateway.app.layout import Layout
from gateway.cli import screen
from gateway.cli.api import Api, api, read_json
from gateway.cli.failures import Failed
from gateway.cli.places import DATA, DataOption, JsonOption
from gateway.ingress.bodies import FileBody, ReceiptBody

Document: TypeAlias = dict[str, object]

_ANY = "application/octet-stream"


def submit(  # noqa: PLR0913 - each is an option of the command line
    file: Annotated[
        Path, typer.Argument(help='JSON: a dossier {"dossier": …} or an event {"kind": …}.', metavar="FILE")
    ],
    *,
    key: Annotated[
        str, typer.Option(help="API key of the system that hands it over.", envvar="GATEWAY_KEY", metavar="KEY")
    ],
    attach: Annotated[
        list[Path] | None,
        typer.Option(help="Upload this file and name it in `files`; may be repeated.", metavar="FILE"),
    ] = None,
    idempotency_key: Annotated[str, typer.Option(help="Your own id: repeating it gives the first receipt.")] = "",
    url: Annotated[str, typer.Option(help="The gateway's address; else the one that serves from --data.")] = "",
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Hand over a dossier or an event from a file, and print the receipt: the promise that it is safe on disk.

    Repeating it is harmless: the same content gives the same receipt. An attachment uploaded anew is other content.

    For example:

    GATEWAY_KEY=$(./run_gateway.py keys new portal) ./run_gateway.py submit dossier.json --attach don.pdf

    ./run_gateway.py submit event.json --url https://gateway.example --json
    """
    if not idempotency_key.isprintable():
        raise Failed("--idempotency-key has characters that cannot be seen: it travels in a header", status=2)
    document = read_json(file)
    address = url or _address(data)
    receipt = asyncio.run(_submit(address, key, document, (attach or [], idempotency_key)))
    if as_json:
        screen.print_json(receipt)
        return
    said_before = " (đã nhận từ trước)" if receipt.duplicate else ""
    typer.echo(f"Đã nhận và lưu an toàn{said_before}: bản tin {receipt.message_id}")
    typer.echo(f"  hồ sơ {receipt.dossier_id}, phiên bản {receipt.revision}, {len(receipt.deliveries)} lượt gửi")
    for warning in receipt.warnings:
        typer.echo(f"  ! {warning.text} ({warning.code})")


def _address(data: Path) -> str:
    try:
        return Layout(data).address.read_text(encoding="ascii").strip()
    except OSError:
        raise Failed(f"no gateway serves from {data}: start ./run_gateway.py serve, or name its --url") from None


async def _submit(url: str, key: str, document: Document, beside: tuple[list[Path], str]) -> ReceiptBody:
    attached, idempotency_key = beside
    async with api(url, key, "--key (GATEWAY_KEY)") as gateway:
        uploaded: list[object] = [await _upload(gateway, file) for file in attached]
        if uploaded:
            given = document.get("files")
            document = {
                **document,
                "files": [*(cast("list[object]", given) if isinstance(given, list) else []), *uploaded],
            }
        headers = {"Idempotency-Key": f'"{idempotency_key}"'} if idempotency_key else {}
        path = "/v1/events" if "kind" in document else "/v1/dossiers"
        answer = await gateway.call("POST", path, body=msgspec.json.encode(document), headers=headers)
        return gateway.understood(answer, ReceiptBody)


async def _upload(gateway: Api, file: Path) -> Document:
    """Store one file; return how an event names it."""
    media_type = mimetypes.guess_type(file.name)[0] or _ANY
    disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    headers = {"Content-Type": media_type, "Content-Disposition": disposition}
    try:
        body = gateway.understood(await gateway.upload("/v1/files", file, headers), FileBody)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None
    return {"id": body.id, "name": body.name, "media_type": body.media_type, "sha256": body.sha256, "size": body.size}
