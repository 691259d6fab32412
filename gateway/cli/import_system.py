"""``systems import``: a partner's service description becomes a system's file and the skeletons of its mappings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from gateway.cli import screen
from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, ConfigOption, JsonOption
from gateway.cli.screen import Lines
from gateway.config.blanks import blanks
from gateway.config.checks import identity
from gateway.config.nearest import suggestion

if TYPE_CHECKING:
    from gateway.wire.shape import Called

_LARGEST = 8 * 1024 * 1024  #: bytes of a description


def import_system(  # noqa: PLR0913 - each is an option of the command line
    system: Annotated[str, typer.Argument(help="The id of the new system: its function, as land.", metavar="SYSTEM")],
    *,
    wsdl: Annotated[Path | None, typer.Option(help="Its WSDL, below the configuration.", metavar="FILE")] = None,
    openapi: Annotated[
        Path | None, typer.Option(help="Its OpenAPI 3 or Swagger 2 description, as JSON.", metavar="FILE")
    ] = None,
    name: Annotated[str, typer.Option(help="What people call it, in Vietnamese.", metavar="TEXT")] = "",
    operation: Annotated[
        list[str] | None,
        typer.Option(help="Take this operation, for this kind of event; may be repeated.", metavar="NAME=KIND"),
    ] = None,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Write a commented system file and mapping skeletons from a WSDL or an OpenAPI description; nothing is fetched.

    Operations, their fields, types and codes stand there; what a description cannot say is marked FILL_IN, and `check`
    names every mark that is left. Without --operation all operations are written. Files that exist are not touched.

    For example:

    ./run_gateway.py systems import land --wsdl config/wsdl/land/land.wsdl --operation guiHoSo=dossier.submitted

    ./run_gateway.py systems import tax --openapi tax.json --name "Thuế" --operation "POST /ho-so=dossier.submitted"
    """
    if (wsdl is None) == (openapi is None):
        raise Failed("name one description: --wsdl FILE or --openapi FILE", status=2)
    if not config.is_dir():
        raise Failed(f"{config}: there is no such folder; name the configuration's with --config", status=2)
    _check_id(system)
    kinds = _kinds(operation or [])
    texts = _of_wsdl(system, name, wsdl, kinds, config) if wsdl else _of_openapi(system, name, openapi, kinds)
    _write(config, texts)
    marks = {file: sum(1 for _ in blanks({file: tomllib.loads(text)})) for file, text in texts.items()}
    screen.tell({"files": sorted(texts), "to_fill_in": marks}, _lines(config, marks), as_json=as_json)


def _check_id(system: str) -> None:
    problem = next(identity(system, system), None)
    if problem is not None:
        raise Failed(f"{problem.text}; {problem.remedy}", status=2)


def _kinds(given: Sequence[str]) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for pair in given:
        name, sign, kind = pair.rpartition("=")
        if not sign or not name or not kind:
            raise Failed(f"{pair!r} is not NAME=KIND: guiHoSo=dossier.submitted", status=2)
        kinds[name] = kind
    if len(set(kinds.values())) < len(kinds):
        raise Failed("two operations for one kind of event: choose one of them", status=2)
    return kinds


def _of_wsdl(system: str, name: str, wsdl: Path, kinds: Mapping[str, str], config: Path) -> dict[str, str]:
    from gateway.sdk.skeleton import Wanted, files_of  # noqa: PLC0415 - every command would wait for it
    from gateway.wire.wsdl_files import WsdlError  # noqa: PLC0415 - lxml is slow
    from gateway.wire.wsdl_shape import operations_of  # noqa: PLC0415 - zeep takes long to load

    place, root = wsdl.resolve(), config.resolve()
    if not place.is_relative_to(root):
        raise Failed(
            f"{wsdl} lies outside {config}: copy it and what it imports below {config}/wsdl/, or fetch it there"
            " with systems fetch-wsdl",
            status=2,
        )
    try:
        found = operations_of(place)
    except WsdlError as error:
        raise Failed(str(error)) from None
    _check_named(kinds, found)
    return files_of(
        Wanted(
            id=system,
            name=name or system,
            dialect="soap",
            source=wsdl.name,
            operations=found,
            kinds=kinds,
            wsdl=place.relative_to(root).as_posix(),
        )
    )


def _of_openapi(system: str, name: str, openapi: Path | None, kinds: Mapping[str, str]) -> dict[str, str]:
    from gateway.sdk.credentials_of import auth_lines  # noqa: PLC0415 - every command would wait for it
    from gateway.sdk.skeleton import Wanted, files_of  # noqa: PLC0415
    from gateway.wire.openapi_shape import operations_of, security_of  # noqa: PLC0415
    from gateway.wire.shape import ShapeError  # noqa: PLC0415

    data = _read(openapi or Path())
    try:
        found, ways = operations_of(data), security_of(data)
    except ShapeError as error:
        raise Failed(f"{openapi}: {error}") from None
    _check_named(kinds, found)
    return files_of(
        Wanted(
            id=system,
            name=name or system,
            dialect="rest",
            source=(openapi or Path()).name,
            operations=found,
            kinds=kinds,
            auth=auth_lines(system, ways),
        )
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST + 1)
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}") from None


def _check_named(kinds: Mapping[str, str], found: Sequence[Called]) -> None:
    if not found:
        raise Failed("the description has no operation: ask the partner for a whole one")
    names = [one.name for one in found]
    for name in kinds:
        if name not in names:
            raise Failed(f"the description has no operation {name!r}; {suggestion(name, names)}")


def _write(config: Path, texts: Mapping[str, str]) -> None:
    """Write all files, or none where one is there already."""
    there = [name for name in texts if (config / name).exists()]
    if there:
        raise Failed(
            f"{config / there[0]} is there already, and is not touched: move it away, or choose another id", status=2
        )
    written: list[Path] = []
    try:
        for name, text in texts.items():
            (config / name).parent.mkdir(parents=True, exist_ok=True)
            with (config / name).open("x", encoding="utf-8") as file:
                written.append(config / name)
                file.write(text)
    except BaseException as error:  # Ctrl-C too: what is half there would stand in the way of the next try
        for place in written:
            place.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Failed(f"{error.filename or config}: {error.strerror}; nothing was written") from None
        raise


def _lines(config: Path, marks: Mapping[str, int]) -> Lines:
    yield from (Text(f"  {config / file}  {number} chỗ cần điền") for file, number in marks.items())
    yield Text("tiếp theo: ./run_gateway.py check, thêm tuyến vào routes.toml, rồi config apply", style="dim")
