"""Workers that share a consumer of a feed: consume_feed.py ADDRESS WORKERS EXPECTED SEED

ADDRESS is the consumer's URL. The token comes in the environment (FEDERWERK_TOKEN). Begins the consumer, then WORKERS
threads lease events and finish them, until all EXPECTED events of the feed are done. By a seeded chance a worker gives an
event back, works on it and dies before it says so, or goes away with a lease in its hands. The server may be killed and
come back. Every event must be handled, each after those before it about the same subject; the CloudEvents SDK must accept
each. Prints `consumed N events …`, or fails.
"""

import json
import os
import random
import sys
import threading
import time

import requests
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

TOKEN = {"Authorization": f"Bearer {os.environ['FEDERWERK_TOKEN']}"}
DEADLINE = time.monotonic() + 200

lock = threading.Lock()
handled, last_by_subject, problems = {}, {}, []
counts = {"leases": 0, "returned": 0, "repeated": 0, "deserted": 0, "late": 0, "unanswered": 0}
finished = threading.Event()


def ask(session, method, path, body=None):
    """The answer, or None while the server is away."""
    try:
        answer = session.request(method, path, json=body, headers=TOKEN, timeout=40)
    except requests.RequestException:
        with lock:
            counts["unanswered"] += 1
        # The one pause of a client that cannot know when the server is back.
        finished.wait(0.05)
        return None
    if answer.status_code == 503:
        finished.wait(0.05)
        return None
    return answer


def handle(event):
    JSONFormat().read(CloudEvent, json.dumps(event).encode())
    with lock:
        if event["id"] in handled:
            counts["repeated"] += 1
            return
        if last_by_subject.get(event["subject"], "") > event["id"]:
            problems.append(f"{event['id']} about {event['subject']} came after {last_by_subject[event['subject']]}")
        last_by_subject[event["subject"]] = event["id"]
        handled[event["id"]] = event["type"]


def insist(session, method, path, body=None):
    """The answer, however long the server is away."""
    while time.monotonic() < DEADLINE:
        answer = ask(session, method, path, body)
        if answer is not None:
            return answer
    sys.exit(f"no answer from {path}")


def look(answer, expected):
    """Ends everybody's work when an answer says that the consumer has come to the end."""
    if answer is not None and answer.ok and int(answer.json()["consumer"]["next"]) >= expected:
        finished.set()


def work(address, number, expected, chance):
    session, life = requests.Session(), 0
    while not finished.is_set():
        body = {"worker": f"worker-{number}-{life}", "limit": 1 + chance.randrange(16), "seconds": 1, "timeout": 500}
        answer = ask(session, "POST", f"{address}/lease", body)
        if answer is None:
            continue
        if answer.status_code != 200:
            problems.append(f"lease: {answer.status_code} {answer.text}")
            return finished.set()
        leased = answer.json()
        with lock:
            counts["leases"] += 1
        if chance.random() < 0.05:
            # Gone with all of it; what comes back is somebody else.
            with lock:
                counts["deserted"] += 1
            life += 1
            continue
        if not leased["events"]:
            look(ask(session, "GET", address), expected)
        returned = set()
        for event in leased["events"]:
            if event["subject"] in returned:
                continue
            if chance.random() < 0.05:
                nack = {"lease": leased["lease"], "id": event["id"], "action": "retry", "reason": "by chance"}
                answer = ask(session, "POST", f"{address}/nack", nack)
                returned.add(event["subject"])
                with lock:
                    counts["returned"] += 1
                if answer is None or answer.status_code == 409:
                    break
                continue
            handle(event)
            if chance.random() < 0.5:
                answer = ask(session, "POST", f"{address}/ack", {"lease": leased["lease"], "through": event["id"]})
                look(answer, expected)
                if answer is not None and answer.status_code == 409:
                    with lock:
                        counts["late"] += 1
                    break
                if answer is None:
                    break
        else:
            if leased["events"]:
                last = leased["events"][-1]["id"]
                look(ask(session, "POST", f"{address}/ack", {"lease": leased["lease"], "through": last}), expected)
        if time.monotonic() > DEADLINE:
            problems.append("not done in time")
            return finished.set()


def main():
    if len(sys.argv) != 5:
        sys.exit("usage: consume_feed.py ADDRESS WORKERS EXPECTED SEED")
    address, expected, seed = sys.argv[1], int(sys.argv[3]), int(sys.argv[4])
    session = requests.Session()
    begun = insist(session, "PUT", address, {})
    if begun.status_code not in (200, 201):
        sys.exit(f"the consumer was not begun: {begun.text}")
    threads = [
        threading.Thread(target=work, args=(address, number, expected, random.Random(seed + number)))
        for number in range(int(sys.argv[2]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    aside = insist(session, "GET", f"{address}/set-aside").json()["setAside"]
    missing = [f"{i:016}" for i in range(expected) if f"{i:016}" not in handled]
    if missing:
        problems.append(f"{len(missing)} events are missing, the first {missing[0]}")
    if aside:
        problems.append(f"set aside: {aside[:3]}")
    if problems:
        sys.exit("\n".join(problems[:20]))
    print(f"consumed {len(handled)} events, {json.dumps(counts)}")


if __name__ == "__main__":
    main()
