"""A bot of one's own that grades: a language model says when, by the tool grade_answer, and the service says how well.

The model is any that speaks OpenAI's protocol and calls tools: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx2
from openai import OpenAI

server = os.environ.get("GRADER_SERVER", "http://127.0.0.1:8000")
key = os.environ.get("GRADER_API_KEY")
headers = {"Authorization": f"Bearer {key}"} if key else {}
known = json.loads(Path(__file__).with_name("tools.json").read_text(encoding="utf-8"))
tools = [tool for tool in known if tool["function"]["name"] == "grade_answer"]


def grade_answer(arguments: str) -> str:
    """What the model hears of a grade, or of what is wrong with its call: the arguments are a body of /v1/grades."""
    body = {name: value for name, value in json.loads(arguments).items() if value is not None}
    reply = httpx2.post(f"{server}/v1/grades", json=body, headers=headers, timeout=60)
    if reply.is_error:
        return reply.text
    grade = reply.json()
    shown = {name: grade[name] for name in ("points", "max_points", "passed", "needs_review")}
    return json.dumps(shown | {"feedback": grade["feedback"]["candidate"]})


messages: list[Any] = [
    {"role": "system", "content": "You are a tutor. Grade each answer, word for word, with grade_answer alone."},
    {"role": "user", "content": "To question ds25-11 I say: dropout switches off random neurons while training."},
]
with OpenAI() as client:
    while True:
        said = client.chat.completions.create(model=os.environ["OPENAI_MODEL"], messages=messages, tools=tools)
        message = said.choices[0].message
        messages.append(message.model_dump(exclude_none=True))
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            if call.type == "function":
                told = grade_answer(call.function.arguments)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": told})
print(message.content)
