"""Read the grades that a person should look at, and decide about the newest."""

from __future__ import annotations

import os

import httpx2

server = os.environ.get("GRADER_SERVER", "http://127.0.0.1:8000")
key = os.environ.get("GRADER_API_KEY")
headers = {"Authorization": f"Bearer {key}"} if key else {}

with httpx2.Client(base_url=server, headers=headers) as client:
    grades = client.get("/v1/grades", params={"needs_review": "true"}).raise_for_status().json()["items"]
    print(len(grades), "to look at")
    for grade in grades[:1]:
        print(grade["answer"], grade["reasons"])
        decision = {"author": "Ada", "reason": "The answer says it in other words.", "score": 0.8}
        client.post(f"/v1/grades/{grade['id']}/overrides", json=decision).raise_for_status()
        print(client.get(f"/v1/grades/{grade['id']}").json()["final"])
