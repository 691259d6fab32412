"""``approve``: the second person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import proposal_screen, screen
from gateway.cli.at_desk import at_desk
from gateway.cli.failures import Failed
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption
from gateway.ingress.ops_bodies import ProposalsBody

_LIMIT = 100


def approve(  # noqa: PLR0913 - each is an option of the command line
    proposal: Annotated[
        str, typer.Argument(help="The proposal's id; without it the open ones are listed.", metavar="PROPOSAL")
    ] = "",
    *,
    reason: ReasonOption = "",
    show: Annotated[
        bool,
        typer.Option("--show", help="Show what it changes, or the deliveries that it is about; decide nothing."),
    ] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Close it undone; also to take your own back.")] = False,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Agree to what another person has proposed: it is done at once, exactly as proposed, and once.

    Nobody approves what they have proposed: use your own key (GATEWAY_OPERATOR_KEY, see keys new --operator).

    For example:

    ./run_gateway.py approve

    ./run_gateway.py approve 0195f0d1-… --show --reason "Xem trước khi duyệt"

    ./run_gateway.py approve 0195f0d1-… --reason "Đã đối chiếu danh sách của Bộ"
    """
    if not proposal:
        if reason or show or reject:  # a script's empty variable: nothing would be decided, and all be said to be well
            raise Failed("say which proposal: ./run_gateway.py approve lists them", status=2)
        _list(config, data, as_json=as_json)
        return
    if not reason:
        raise Failed("say why with --reason", status=2)
    if show:
        shown = at_desk(config, data, lambda seat: seat.changes(proposal, reason))
        screen.tell(shown, proposal_screen.changes(shown), as_json=as_json)
        return
    done = at_desk(config, data, lambda seat: seat.close(proposal, reason, approve=not reject))
    screen.tell(done, proposal_screen.proposal(done), as_json=as_json)


def _list(config: Path, data: Path, *, as_json: bool) -> None:
    found = at_desk(config, data, lambda seat: seat.proposals("open", _LIMIT))
    lines = (line for item in found for line in proposal_screen.proposal(item))
    screen.tell(ProposalsBody(items=found), screen.or_none(lines, "không có đề nghị nào đang chờ"), as_json=as_json)
