from __future__ import annotations

import asyncio
import gc
import signal
from typing import Any

import uvloop
from django.core.management.base import BaseCommand

from chat.redis_link import connect
from chat.worker.service import Worker
from inference.stream import open_session


class Command(BaseCommand):
    help = "Claim generations, stream them from the engine, and settle them."

    def handle(self, *arguments: Any, **options: Any) -> None:
        # What is loaded by now stays: looking through it again and again would stop every stream for a moment.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work())


async def work() -> None:
    """Run one worker until SIGTERM or SIGINT."""
    redis, listening = connect(connections=8), connect(connections=2, timeout=None)
    async with open_session() as session:
        worker = Worker(session, redis, listening)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, worker.drain)
        await worker.run()
    await redis.aclose()
    await listening.aclose()
