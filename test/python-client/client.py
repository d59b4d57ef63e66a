"""Judges MCP servers with Python's client, as programs that use it would: it connects, and lists the tools that are announced.

Reads a JSON object of URLs by name from its input; prints a JSON object of findings by name: "works", or "fails: " and why.
"""

import json
import logging
import sys

import anyio
from mcp import Client

PATIENCE_SECONDS = 6
AT_ONCE = 10


def words_of(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"


async def judge(url: str) -> str:
    finding = "fails: it takes too long"
    with anyio.move_on_after(PATIENCE_SECONDS):
        try:
            async with Client(url) as client:
                if client.server_capabilities.tools is not None:
                    await client.list_tools()
                finding = "works"
        except Exception as error:
            # What goes wrong at the end of a connection that was of use is no matter.
            if finding != "works":
                finding = f"fails: {words_of(error)}"
    return finding


async def main() -> None:
    places = json.load(sys.stdin)
    findings: dict[str, str] = {}
    places_left = anyio.CapacityLimiter(AT_ONCE)

    async def judge_one(name: str, url: str) -> None:
        async with places_left:
            findings[name] = await judge(url)

    async with anyio.create_task_group() as group:
        for name, url in places.items():
            group.start_soon(judge_one, name, url)
    json.dump(findings, sys.stdout)


logging.disable(logging.CRITICAL)
anyio.run(main)
