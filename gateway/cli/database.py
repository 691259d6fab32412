"""``db``: what is done to the database as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from rich.text import Text

from gateway.app.layout import Layout
from gateway.app.marking import read
from gateway.app.restoring import CopyErrors, back_up, bringing
from gateway.cli import database_screen
from gateway.cli.calling_off import run
from gateway.cli.failures import Failed
from gateway.cli.on_file import Restoration
from gateway.cli.opening import expect_database, on_file
from gateway.cli.places import CONFIG, DATA, ConfigOption, DataOption, JsonOption, ReasonOption
from gateway.cli.screen import tell
from gateway.config.loader import load, load_settings
from gateway.config.settings import StoreSettings
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import KeyId
from gateway.core.routing import Role

db = typer.Typer(
    name="db",
    help="The database as a whole: back it up, put a copy in its place, say that somebody did.",
    no_args_is_help=True,
)


class BackupBody(Struct, frozen=True, kw_only=True):
    """A copy, and what has to be copied after it."""

    file: str
    bytes: int
    sha256: str
    then: tuple[str, ...]  #: folders, or the bucket, in this order


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; nothing is replaced.", metavar="FILE")],
    *,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Copy the embedded database to a file, as it is at this moment, and prove the copy; a gateway may serve meanwhile.

    Then copy what is listed, within a day: every attachment that the copy names is there by now. PostgreSQL is backed
    up by its own tools (pg_dump, or a base backup with its log): exit status 2.

    For example: ./run_gateway.py db backup /backup/gateway-2026-11-26.db
    """
    settings, layout = load_settings(config).store, Layout(data)
    if settings.postgres:
        raise Failed("PostgreSQL is backed up by its own tools: pg_dump, or a base backup with its log", status=2)
    expect_database(layout)
    with _copying():
        copied = back_up(layout, file)
    body = BackupBody(file=str(copied.path), bytes=copied.size, sha256=copied.sha256, then=_files(settings, layout))
    done = Text(f"Đã sao lưu {body.file}: {body.bytes} byte, đã kiểm tra, SHA-256 {body.sha256}")
    left = (Text(f"Tiếp theo, trong vòng một ngày, chép: {place}") for place in body.then)
    tell(body, (done, *left), as_json=as_json)


@db.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `db backup` wrote.", metavar="FILE", dir_okay=False)],
    *,
    reason: ReasonOption,
    config: ConfigOption = CONFIG,
    data: DataOption = DATA,
    as_json: JsonOption = False,
) -> None:
    """Put a copy in the place of the embedded database, and do what `db restored` does. No gateway may serve.

    What was there is kept beside it as gateway.db.before-<time>. If it breaks off, no gateway starts until the same was
    run again. Put the attachments back yourself.

    For example: ./run_gateway.py db restore /backup/gateway-2026-11-26.db --reason "Hỏng đĩa; bản sao 02:00 ngày 26/11"
    """
    layout = Layout(data)
    if load(config).settings.store.postgres:
        raise Failed("put PostgreSQL back by its own tools, then: ./run_gateway.py db restored", status=2)
    if file.resolve() == layout.database.resolve():
        raise Failed(f"{file} is in place already: ./run_gateway.py db restored", status=2)
    if not file.exists():
        raise Failed(f"{file}: there is no such file; nothing was changed")
    with _copying(), bringing(layout, file) as coming:
        facts = {"file": file.name, "sha256": coming.copied.sha256}
        done = asyncio.run(_mark(config, coming.apart.root, reason, facts, _known(layout)))
        coming.take_place(datetime.now(UTC))
    _tell(done, config, layout, as_json=as_json)


@contextmanager
def _copying() -> Generator[None]:
    """Say what keeps a copy from being made."""
    try:
        yield
    except StoreUnavailable as error:
        raise Failed(str(error)) from None
    except FileExistsError as error:
        raise Failed(f"{error.filename2 or error.filename} is there already: nothing is replaced", status=2) from None
    except OSError as error:
        where = f"{Path(error.filename).parent}: " if error.filename else ""
        raise Failed(f"no copy was made: {where}{error.strerror or error}") from None
    except CopyErrors as error:
        raise Failed(f"no copy was made: {error}") from None


@db.command()
def restored(
    *, reason: ReasonOption, config: ConfigOption = CONFIG, data: DataOption = DATA, as_json: JsonOption = False
) -> None:
    """Say that the database was put back to an earlier copy, before any gateway serves it.

    Every partner is paused, every cursor of a feed expires, and whatever is open is in doubt: it may have been sent
    since the copy was made. Then settle by each partner's list (`held settle`) and let it be called again (`systems
    resume`); what is in doubt goes on by what the partner's file declares. One transaction; doing it again is harmless.

    For example: ./run_gateway.py db restored --reason "Hỏng đĩa; đặt lại bản sao lúc 02:00 ngày 26/11"
    """
    layout = Layout(data)
    done = run(_mark(config, data, reason, {}, _known(layout)))
    _tell(done, config, layout, as_json=as_json)


async def _mark(
    config: Path, data: Path, reason: str, facts: Mapping[str, str], ended: Collection[KeyId]
) -> Restoration:
    async with on_file(config, data, marks=True) as seat:
        return await seat.restored(reason, facts, ended)


def _known(layout: Layout) -> tuple[KeyId, ...]:
    """Return the keys that the last gateway of this folder knew to have been revoked."""
    mark = read(layout)
    return mark.revoked if mark else ()


def _tell(done: Restoration, config: Path, layout: Layout, *, as_json: bool) -> None:
    told, settings = database_screen.body(done), load(config)
    portals = tuple(one for one in done.systems if settings.systems[one].role is Role.PORTAL)
    files = _files(settings.settings.store, layout)
    tell(told, database_screen.restored(told, done.systems, portals, files), as_json=as_json)


def _files(settings: StoreSettings, layout: Layout) -> tuple[str, str]:
    """Return what is backed up, and put back, beside the database."""
    bucket = settings.s3.bucket
    return f"s3://{bucket}" if bucket else str(layout.blobs(settings.attachments)), str(layout.configurations)
