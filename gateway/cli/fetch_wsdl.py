"""``systems fetch-wsdl``: a partner's WSDL and what it imports, as files of the configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, cast

import typer
from rich.text import Text

from gateway.app.secrets import LocalSecrets
from gateway.cli import screen
from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, ConfigOption, JsonOption
from gateway.cli.screen import Lines
from gateway.wire.http import HttpClient, HttpRequest, HttpResult, HttpSettings

_SECONDS = 30.0  #: for each file


def fetch_wsdl(  # noqa: PLR0913 - each is an option of the command line
    url: Annotated[str, typer.Argument(help="Where it is: https://ministry.example/ws?wsdl", metavar="URL")],
    *,
    to: Annotated[Path, typer.Option("--to", help="The folder for it, below the configuration.", metavar="DIR")],
    also: Annotated[
        list[str] | None,
        typer.Option(help="Another origin that it may import from; may be repeated.", metavar="ORIGIN"),
    ] = None,
    authorization: Annotated[
        str, typer.Option(help="The Authorization header, by reference: env:NAME or file:PATH.", metavar="REFERENCE")
    ] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace files that are there and differ.")] = False,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Fetch a partner's WSDL and everything it imports, once; a gateway that serves never fetches any.

    The files refer to each other by name. They are read as the gateway reads them, and the operations are listed.
    Imports from elsewhere than the WSDL's own origin are refused unless named with --also; redirects are not followed.

    For example:

    ./run_gateway.py systems fetch-wsdl https://ministry.example/ws?wsdl --to config/wsdl/land

    ./run_gateway.py systems fetch-wsdl https://ministry.example/ws?wsdl --to config/wsdl/land --authorization env:LAND
    """
    header = {"Authorization": LocalSecrets(config).get(authorization).reveal()} if authorization else {}
    name, files = asyncio.run(_fetched(url, also or [], header))
    problem, operations = _tried(name, files)
    _keep(to, files, replace=replace)
    found = {"wsdl": str(to / name), "files": sorted(files), "operations": operations, "problem": problem}
    screen.tell(found, _lines(to / name, files, operations), as_json=as_json)
    if problem:
        raise Failed(problem)


async def _fetched(url: str, also: list[str], header: Mapping[str, str]) -> tuple[str, Mapping[str, bytes]]:
    from gateway.wire.wsdl_fetch import FetchFailed, FetchLimits, fetch_wsdl, origin_of  # noqa: PLC0415 - lxml is slow

    limits = FetchLimits()
    loop = asyncio.get_running_loop()
    async with HttpClient(HttpSettings(max_reply=limits.total)) as client:

        async def get(request: HttpRequest) -> HttpResult:
            is_theirs = origin_of(request.url) == origin_of(url)  # nobody else is shown the credentials
            asked = HttpRequest(method="GET", url=request.url, headers=header if is_theirs else {})
            return await client.exchange(asked, deadline=loop.time() + _SECONDS)

        try:
            fetched = await fetch_wsdl(url, get, also=also, limits=limits)
        except FetchFailed as error:
            raise Failed(str(error)) from None
    return fetched.name, fetched.files


def _tried(name: str, files: Mapping[str, bytes]) -> tuple[str, list[dict[str, object]]]:
    """Read the WSDL as the gateway does; return what is wrong with it, and its operations."""
    from gateway.wire.zeep_codec import WsdlError, load_wsdl  # noqa: PLC0415 - zeep takes long to load

    with TemporaryDirectory() as folder:
        for file, content in files.items():
            (Path(folder) / file).write_bytes(content)
        try:
            wsdl = load_wsdl(Path(folder) / name)
        except WsdlError as error:
            return f"{name}: {error.problem}", []
    return "", [{"name": one, "soap": list(wsdl.versions(one))} for one in wsdl.operations]


def _keep(to: Path, files: Mapping[str, bytes], *, replace: bool) -> None:
    differing = [
        name for name, content in files.items() if (to / name).exists() and (to / name).read_bytes() != content
    ]
    if differing and not replace:
        raise Failed(f"{to / differing[0]} is there already and differs: compare them, then say --replace", status=2)
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            fresh = to / f".{name}.new"
            fresh.write_bytes(content)
            fresh.replace(to / name)
    except OSError as error:
        raise Failed(f"{to}: {error.strerror}") from None


def _lines(path: Path, files: Mapping[str, bytes], operations: list[dict[str, object]]) -> Lines:
    yield Text(f"{path}: {len(files)} tệp, {sum(map(len, files.values()))} byte")
    for one in operations:
        yield Text(f"  {one['name']} (SOAP {', '.join(cast('list[str]', one['soap']))})")
