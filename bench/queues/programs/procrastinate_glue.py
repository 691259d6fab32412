"""aiohttp before procrastinate over PostgreSQL: ``schema``, ``door`` PORT or ``worker``."""

import asyncio
import os
import sys

import aiohttp
import procrastinate
import uvloop
from aiohttp import web

TARGET = os.environ["TARGET"]
_DONE = "SELECT count(*) AS done FROM procrastinate_jobs WHERE status = 'succeeded'"
connector = procrastinate.PsycopgConnector(conninfo=os.environ["POSTGRES"], min_size=4, max_size=16)
app = procrastinate.App(connector=connector)
_sessions = []


@app.task(name="send", queue="send")
async def send(body):
    """Send a dossier on; procrastinate records that it succeeded."""
    async with _sessions[0].post(TARGET, json=body) as reply:
        reply.raise_for_status()
        await reply.read()


async def schema():
    """Make the tables."""
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def door(port):
    """Serve until ended."""

    async def submit(request):
        await send.defer_async(body=await request.json())
        return web.json_response({"status": "accepted"}, status=202)

    async def done(_):
        found = await connector.execute_query_one_async(_DONE)
        return web.Response(text=str(found["done"]))

    served = web.Application(client_max_size=8 << 20)
    served.add_routes([web.post("/v1/dossiers", submit), web.get("/done", done)])
    runner = web.AppRunner(served, access_log=None)
    async with app.open_async():
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        await asyncio.Event().wait()


async def worker():
    """Work until ended."""
    async with app.open_async(), aiohttp.ClientSession() as session:
        _sessions.append(session)
        await app.run_worker_async(queues=["send"], concurrency=64, install_signal_handlers=False)


if __name__ == "__main__":
    ways = {"schema": schema, "worker": worker, "door": lambda: door(int(sys.argv[2]))}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(ways[sys.argv[1]]())
