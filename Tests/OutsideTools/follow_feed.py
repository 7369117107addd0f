"""Follows a plan's feed with other people's clients: follow_feed.py ADDRESS EVENTS

ADDRESS is the feed's URL, EVENTS a file with the exported events, one a line. The token comes in the environment
(FEDERWERK_TOKEN). Reads the whole feed in batches (requests), as a stream (httpx-sse and sseclient-py, both of which come
back in the middle with Last-Event-ID), and one event by its id. Everything must be, byte for byte and in order, what was
exported; the CloudEvents SDK must accept each event. Prints `followed N events`, or fails with exit code 1.
"""

import json
import os
import sys

import httpx
import requests
import sseclient
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from httpx_sse import connect_sse

TOKEN = {"Authorization": f"Bearer {os.environ['FEDERWERK_TOKEN']}"}
STREAM = {**TOKEN, "Accept": "text/event-stream"}
BATCH = "application/cloudevents-batch+json"
IMMUTABLE = "private, max-age=31536000, immutable"


def require(condition, reason):
    if not condition:
        sys.exit(reason)


def split(batch):
    """The elements of a canonical JSON array as their bytes."""
    elements, depth, start, quoted, escaped = [], 0, None, False, False
    for index, byte in enumerate(batch):
        if quoted:
            quoted, escaped = escaped or byte != 0x22, byte == 0x5C and not escaped
        elif byte == 0x22:
            quoted = True
        elif byte in b"{[":
            depth += 1
            start = index if depth == 2 else start
        elif byte in b"}]":
            depth -= 1
            if depth == 1:
                elements.append(batch[start : index + 1])
    return elements


def read_batches(address):
    """All pages by their links, until one has nothing."""
    origin = address.split("/v1/")[0]
    pages, url = [], address
    while True:
        answer = requests.get(url, headers={**TOKEN, "Accept": BATCH}, timeout=30)
        require(answer.status_code == 200, f"{url}: {answer.status_code} {answer.text}")
        require(answer.headers["Content-Type"] == BATCH, f"{url} is {answer.headers['Content-Type']}")
        events = split(answer.content)
        require(len(events) == len(answer.json()), "a batch is not what it looks like")
        full = len(events) == 256
        require((answer.headers["Cache-Control"] == IMMUTABLE) == full, f"{url} has the wrong lifetime")
        url = origin + answer.links["next"]["url"]
        if not events:
            return pages
        pages += events


def read_with_httpx(address, count, after=None):
    headers = {**TOKEN, **({"Last-Event-ID": after} if after else {})}
    with httpx.Client(timeout=30) as client, connect_sse(client, "GET", address, headers=headers) as source:
        events, checkpoints = [], 0
        for event in source.iter_sse():
            if event.event == "checkpoint":
                checkpoints += 1
                require(event.id == (json.loads(events[-1])["id"] if events else after), "a checkpoint changes the cursor")
                continue
            require(event.event == "message" and event.retry is None, "an event block has other fields")
            require(event.id == json.loads(event.data)["id"], "id and data disagree")
            events.append(event.data.encode())
            if len(events) == count:
                return events
    sys.exit("the stream ended early")


def read_with_sseclient(address, count, after=None):
    headers = {**STREAM, **({"Last-Event-ID": after} if after else {})}
    with requests.get(address, headers=headers, stream=True, timeout=30) as answer:
        events = []
        for event in sseclient.SSEClient(answer).events():
            if event.event == "message":
                require(event.id == json.loads(event.data)["id"], "id and data disagree")
                events.append(event.data.encode())
            if len(events) == count:
                return events
    sys.exit("the stream ended early")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: follow_feed.py ADDRESS EVENTS")
    address = sys.argv[1]
    with open(sys.argv[2], "rb") as file:
        expected = [line.rstrip(b"\n") for line in file]
    for line in expected:
        JSONFormat().read(CloudEvent, line)
    count, half = len(expected), len(expected) // 2
    cursor = json.loads(expected[half - 1])["id"]
    require(read_batches(address) == expected, "batches differ from the export")
    for name, read in (("httpx-sse", read_with_httpx), ("sseclient-py", read_with_sseclient)):
        require(read(address, half) == expected[:half], f"{name} reads something else")
        require(read(address, count - half, after=cursor) == expected[half:], f"{name} resumes elsewhere")
    one = requests.get(f"{address}/{cursor}", headers=TOKEN, timeout=30)
    require(one.content == expected[half - 1], "one event differs from the export")
    require(one.headers["Content-Type"] == "application/cloudevents+json", "one event has another type")
    print(f"followed {count} events")


if __name__ == "__main__":
    main()
