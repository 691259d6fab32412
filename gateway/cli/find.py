"""``find`` and ``show``: one dossier among many, and everything that happened to it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from gateway.cli import dossier_screen, screen
from gateway.cli.at_desk import at_desk
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption
from gateway.core.codes import LONGEST, forms
from gateway.ingress.bodies import DossierBody, DossiersBody, TimelineBody

_WAITING = "; messages that wait for a code nobody has given yet: ./run_gateway.py held list --system operators"

SchemeOption = Annotated[
    str, typer.Option("--scheme", help="Whose code it is: province, national, receipt, …", metavar="SCHEME")
]


def find(
    code: Annotated[
        str,
        typer.Argument(
            help="Any code of the dossier: the province's, the ministry's, a receipt; or the gateway's own id of it.",
            metavar="CODE",
        ),
    ],
    *,
    scheme: SchemeOption = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Find the dossiers with a code, whoever gave it: what each system says, and what is still on its way.

    Exit status 1 where there is none.

    Works beside a serving gateway and without one.

    For example:

    ./run_gateway.py find H52.12-260301-0001

    ./run_gateway.py find G01.99.05-2603-000123 --scheme national --json
    """
    if as_json:
        found = at_desk(config, data, lambda seat: _known_by(seat, code, scheme))
        screen.print_json(DossiersBody(items=found))
    else:
        found = at_desk(config, data, lambda seat: _whereabouts(seat, code, scheme))
    if not found:
        raise Failed(f"no dossier has the code {code}{_WAITING}")


def show(
    dossier: Annotated[
        str, typer.Argument(help="Any code of the dossier, or the gateway's own id of it.", metavar="DOSSIER")
    ],
    *,
    scheme: SchemeOption = "",
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Show everything that happened to a dossier: what was said, where it was sent, every try and its outcome.

    «Đã gửi» says that the system has taken the message; what the system says about the dossier stands on top.

    For example:

    ./run_gateway.py show H52.12-260301-0001

    ./run_gateway.py show H52.12-260301-0001 --json | jq .attempts
    """
    found = at_desk(config, data, lambda seat: _timeline(seat, dossier, scheme))
    screen.tell(found, dossier_screen.timeline(found), as_json=as_json)


async def _whereabouts(seat: Desk, code: str, scheme: str) -> tuple[DossierBody, ...]:
    """Print each dossier with what is still on its way; return them."""
    found = await _known_by(seat, code, scheme)
    for dossier in found:
        on_its_way = dossier_screen.whereabouts(await seat.timeline(dossier.id))
        for line in (*dossier_screen.dossiers((dossier,)), *on_its_way):
            screen.console().print(line)
    return found


async def _known_by(seat: Desk, asked: str, scheme: str) -> tuple[DossierBody, ...]:
    """Return the dossiers with this code, else the one whose id of ours it is."""
    found = await _with_code(seat, asked, scheme)
    if found or not _is_id(asked):
        return found
    return ((await seat.timeline(_as_id(asked))).dossier,)


async def _with_code(seat: Desk, code: str, scheme: str) -> tuple[DossierBody, ...]:
    """Return the dossiers with this code as it was typed, else as it may be meant."""
    typed = code.strip()
    if not 1 <= len(typed) <= LONGEST:
        raise Failed(f"a code has 1 to {LONGEST} characters, this one {len(typed)}: copy it anew", status=2)
    for form in forms(code):
        if found := await seat.find(form, scheme):
            return found
    return ()


async def _timeline(seat: Desk, dossier: str, scheme: str) -> TimelineBody:
    found = await _with_code(seat, dossier, scheme)
    if len(found) > 1:
        raise Failed(f"{len(found)} dossiers have the code {dossier}; show one by its id:\n{_listed(found)}")
    if not found and not _is_id(dossier):
        raise Failed(f"no dossier has the code or id {dossier}{_WAITING}")
    return await seat.timeline(found[0].id if found else _as_id(dossier))


def _as_id(text: str) -> str:
    return text.strip().lower()


def _is_id(text: str) -> bool:
    """Whether this can be the gateway's own id of a dossier."""
    try:
        return str(UUID(_as_id(text))) == _as_id(text)
    except ValueError:
        return False


def _listed(found: tuple[DossierBody, ...]) -> str:
    return "\n".join(f"  {item.id}  from {item.source}" for item in found)
