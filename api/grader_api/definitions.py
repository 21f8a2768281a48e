"""The tools as functions for OpenAI-compatible models: `python -m grader_api.definitions` prints them."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.grading import Grader
from grader_api.mcp import LocalDoor, make_server


def definitions() -> str:
    """Every tool as a function for `tools` in a chat completion, as it is committed."""
    return json.dumps(asyncio.run(_functions()), indent=2, ensure_ascii=False) + "\n"


async def _functions() -> list[dict[str, Any]]:  # Any: JSON
    door = LocalDoor(Grader(Library([]), HashingEncoder()))
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.input_schema},
        }
        for tool in await make_server(lambda: door).list_tools()
    ]


if __name__ == "__main__":
    sys.stdout.write(definitions())
