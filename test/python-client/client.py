"""Judges MCP servers with Python's client, as programs that use it would: it connects, and lists the tools that are announced.

Reads a JSON object by name from its input, of URLs, or of objects with url, tool and arguments, a call that is to be made too; prints a JSON object of findings by name: "works", or "fails: " and why.
"""

import json
import logging
import sys

import anyio
from mcp import Client

PATIENCE_SECONDS = 6
# A server that is called may be started for it.
CALL_PATIENCE_SECONDS = 60
AT_ONCE = 10


def words_of(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"


async def judge(place: str | dict) -> str:
    call = place if isinstance(place, dict) else {"url": place}
    finding = "fails: it takes too long"
    with anyio.move_on_after(CALL_PATIENCE_SECONDS if "tool" in call else PATIENCE_SECONDS):
        try:
            async with Client(call["url"]) as client:
                if client.server_capabilities.tools is not None:
                    await client.list_tools()
                if "tool" in call and (await client.call_tool(call["tool"], call["arguments"])).is_error:
                    raise RuntimeError("the call failed")
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

    async def judge_one(name: str, place: str | dict) -> None:
        async with places_left:
            findings[name] = await judge(place)

    async with anyio.create_task_group() as group:
        for name, place in places.items():
            group.start_soon(judge_one, name, place)
    json.dump(findings, sys.stdout)


logging.disable(logging.CRITICAL)
anyio.run(main)
