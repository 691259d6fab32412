"""``serve``: the gateway itself."""

from __future__ import annotations

import errno
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gateway.app.layout import Layout, write_whole
from gateway.app.run import run
from gateway.app.secrets import LocalSecrets
from gateway.app.versions import Versions
from gateway.app.workers import Workers
from gateway.cli.check import checked
from gateway.cli.failures import Failed, in_time, tell_problems
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, SetOption, overrides
from gateway.config.loader import load
from gateway.core.errors import ConfigError, StoreFull, StoreUnavailable, Unusable
from gateway.observability.log_file import StandardOutput

_ROOM = "make room, and start it again"
_ITS_OWN = "give the data folder, with all that is in it, to who runs the gateway, or choose another --data"
_A_FOLDER = "have a folder there; where it is a link, see whether the disk is mounted to which that leads"
_A_DISK = "let it take changes, or replace the disk: one that fails becomes so by itself"
_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), _ROOM),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR), _A_FOLDER),
    **dict.fromkeys((errno.EROFS, errno.EIO), _A_DISK),
}


def serve(  # noqa: PLR0913 - the options of the command line
    *,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    host: Annotated[str, typer.Option(help="Listen here instead of server.host.")] = "",
    port: Annotated[
        int | None, typer.Option(help="Listen on this port instead of server.port; 0: a free one.", min=0, max=65535)
    ] = None,
    port_file: Annotated[Path | None, typer.Option(help="Write the port into this file once it is open.")] = None,
    workers: Annotated[
        int, typer.Option(help="Gateways behind one port, each a process; above 1 over PostgreSQL only.", min=1, max=64)
    ] = 1,
    sets: SetOption = None,
    parent: Annotated[
        int | None, typer.Option(help="End in order when this process, which started it, is gone.")
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option(help="Keep versions of the configuration here, and begin with the one in force among them."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Accept dossiers and relay them, until SIGTERM or Ctrl-C.

    After a crash or a power cut just start it again: it recovers by itself. At the end what is in flight finishes
    first. Wrong configuration, or a damaged database: exit status 2, and no port is opened. `--json` prints where it
    serves, or what is wrong with the configuration.

    For example:

    ./run_gateway.py serve --config config --data data

    ./run_gateway.py serve --port 0 --port-file /run/gateway.port

    ./run_gateway.py serve --workers 4 --set store.postgres=env:GATEWAY_POSTGRES

    ./run_gateway.py serve --set systems.driver_licence.endpoint.sandbox=http://127.0.0.1:9001
    """
    _check_port_file(port_file)
    chosen = overrides(sets)
    chosen |= {"server.host": host} if host else {}
    chosen |= {"server.port": str(port)} if port is not None else {}
    tell = partial(_tell, port_file=port_file, as_json=as_json)
    with _told(config, chosen, as_json=as_json):
        layout = Layout(data, kept=kept)
        resumed = Versions(layout.configurations).in_force(config, chosen) if kept else None
        configuration = resumed or load(config, overrides=chosen)
        if workers > 1:
            crew = Workers(count=workers, configuration=configuration, layout=layout, options=_options(config, chosen))
            status = crew.run(tell)
        else:
            note = partial(_note_port, port_file=port_file) if kept else tell  # of many, who started them says where
            status = run(
                configuration,
                layout,
                on_serving=lambda it: note(it.url),
                parent=parent,
                resumes=resumed is not None,
            )
    raise typer.Exit(status)


def _check_port_file(place: Path | None) -> None:
    """Raise Failed where something else than a file would be replaced, or nothing can be written."""
    if place is not None and place.exists() and not place.is_file():
        raise Failed(f"--port-file {place}: is no file, and would be replaced; name a file", status=2)
    if place is not None and not place.parent.is_dir():
        raise Failed(f"--port-file {place}: there is no folder {place.parent}; make it, or name another", status=2)


@contextmanager
def _told(config: Path, chosen: Mapping[str, str], *, as_json: bool) -> Generator[None]:
    """Say why the gateway does not start; status 2 where somebody has to change something first."""
    try:
        yield
    except ConfigError as error:
        every = _whole(error, config, chosen)
        with in_time(2):
            tell_problems(every, as_json=as_json)
        raise typer.Exit(2) from None
    except Unusable as error:
        raise Failed(str(error), status=2) from None
    except StoreUnavailable as error:
        raise Failed(str(error)) from None
    except StoreFull as error:
        raise Failed(f"the gateway cannot start: {error}; {_ROOM}") from None
    except OSError as error:
        said = str(error.strerror or error)
        if error.filename:
            remedy = _REMEDIES.get(error.errno or 0, _ITS_OWN)
            raise Failed(f"the gateway cannot start: {error.filename}: {said}; {remedy}") from None
        raise Failed(f"the gateway cannot start: {said}; choose another --host or --port") from None


def _whole(error: ConfigError, config: Path, chosen: Mapping[str, str]) -> ConfigError:
    """Return every problem, not only those of the step that failed first."""
    try:
        checked(config, chosen, LocalSecrets(config))
    except ConfigError as every:
        return every
    return error


def _options(config: Path, chosen: Mapping[str, str]) -> list[str]:
    """Return what every worker is started with."""
    sets = (part for key, value in chosen.items() if key != "server.port" for part in ("--set", f"{key}={value}"))
    return ["--config", str(config), *sets]


def _tell(url: str, *, port_file: Path | None, as_json: bool) -> None:
    """Say where it serves; a pipe that nobody reads any more, or a full disk, is no reason not to."""
    _note_port(url, port_file=port_file)
    docs, wsdl = f"{url}/docs", f"{url}/soap/v1/events?wsdl"
    line = (
        json.dumps({"url": url, "docs": docs, "wsdl": wsdl})
        if as_json
        else f"gateway: {url}  (docs {docs}, WSDL {wsdl})"
    )
    StandardOutput().write(f"{line}\n".encode())


def _note_port(url: str, *, port_file: Path | None) -> None:
    """Write the port to the file that was named, if one was."""
    if port_file is not None:
        write_whole(port_file, f"{url.rpartition(':')[2]}\n")
