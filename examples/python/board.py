"""Submits a score over REST, and follows the board over the WebSocket until the score shows.

The wire is described in docs/protocols.md.
"""

import asyncio
import json
import os
import random

import httpx
import websockets

URL = os.environ.get("GRANDSTAND_URL", "http://127.0.0.1:8080")
KEY = os.environ.get("GRANDSTAND_API_KEY", "demo-key")


async def call(socket, id, op, data):
    """Sends one request. Pushes may arrive before its reply."""
    await socket.send(json.dumps({"id": id, "op": op, "data": data}))
    while True:
        frame = json.loads(await socket.recv())
        if frame.get("id") == id:
            if not frame["ok"]:
                raise RuntimeError(frame["error"]["message"])
            return frame["data"]


async def submit(member, score):
    """A retry with the same idempotency key has no second effect."""
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": os.urandom(16).hex()}
    async with httpx.AsyncClient(base_url=URL, headers=headers) as http:
        reply = await http.post("/v1/leaderboards/arcade/scores", json={"member": member, "score": score})
        reply.raise_for_status()
        return reply.json()["entry"]["rank"]


async def main():
    async with websockets.connect(URL.replace("http", "ws", 1) + "/v1/ws") as socket:
        await call(socket, 1, "connect", {"token": KEY})
        reply = await call(socket, 2, "channel.subscribe", {"channel": "leaderboard:arcade", "view": {"top": 10}})
        rows = {entry["rank"]: entry for entry in reply["snapshot"]["entries"]}
        print(f"{len(rows)} entries")

        print(f"submitted, rank {await submit('python', 10_000 + random.randrange(10_000))}")
        while not any(entry["member"] == "python" for entry in rows.values()):
            push = json.loads(await socket.recv()).get("push")
            for publication in push["publications"] if push else []:
                if publication["event"] == "leaderboard.updated":
                    for entry in publication["data"]["rows"]:
                        rows[entry["rank"]] = entry
        for rank, entry in sorted(rows.items()):
            print(f"{rank}. {entry['member']} {entry['score']}")


asyncio.run(main())
