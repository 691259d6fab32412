"""aiohttp before Celery over Redis. ``door`` serves; the worker is Celery's own command on this module."""

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import redis
import requests
import uvloop
from aiohttp import web
from celery import Celery

TARGET = os.environ["TARGET"]
app = Celery("celery_glue", broker=f"{os.environ['REDIS']}/0", backend=f"{os.environ['REDIS']}/1")
app.conf.update(
    task_acks_late=True,  # a worker that dies loses no job
    broker_connection_retry_on_startup=True,
    broker_pool_limit=16,
)
_local = threading.local()


@app.task(name="send")
def send(body):
    """Send a dossier on; Celery records what was answered."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
    reply = _local.session.post(TARGET, json=body, timeout=30)
    reply.raise_for_status()
    return reply.json()


def door(port):
    """Serve."""
    threads = ThreadPoolExecutor(16)
    results = redis.Redis.from_url(f"{os.environ['REDIS']}/1")

    async def submit(request):
        body = await request.json()
        await asyncio.get_running_loop().run_in_executor(threads, send.delay, body)
        return web.json_response({"status": "accepted"}, status=202)

    async def done(_):
        return web.Response(text=str(results.dbsize()))

    served = web.Application(client_max_size=8 << 20)
    served.add_routes([web.post("/v1/dossiers", submit), web.get("/done", done)])
    web.run_app(served, host="127.0.0.1", port=port, access_log=None, print=None, loop=uvloop.new_event_loop())


if __name__ == "__main__":
    door(int(sys.argv[2]))
