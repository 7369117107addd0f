"""A simulated partner system: reports the status of measures as CloudEvents: report_status.py ADDRESS ID…

ADDRESS is the plan's `inbound`; each ID names a measure in the partner's own programme. The token comes in the environment
(FEDERWERK_TOKEN). Events are made with the CloudEvents SDK. First all are sent to the dry run, then one by one, then all
again as a batch, as after a lost answer: nothing may be stored twice. Foreign ids, changed events under known names and
other people's types must be refused. Prints `reported N measures`, or fails with exit code 1.
"""

import datetime
import json
import os
import sys

import requests
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

TOKEN = {"Authorization": f"Bearer {os.environ['FEDERWERK_TOKEN']}"}
ONE = {**TOKEN, "Content-Type": "application/cloudevents+json"}
MANY = {**TOKEN, "Content-Type": "application/cloudevents-batch+json"}
SOURCE = "https://bek.example/monitoring"
TYPE = "org.federwerk.external-status.reported.v1"


def require(condition, reason):
    if not condition:
        sys.exit(reason)


def event(measure, status="in Umsetzung (Simulation)", percent=40, kind=TYPE):
    made = CloudEvent(
        attributes={
            "specversion": "1.0",
            "id": f"status-2020-{measure}",
            "source": SOURCE,
            "type": kind,
            "subject": measure,
            "time": datetime.datetime(2020, 1, 31, 12, tzinfo=datetime.timezone.utc),
            "datacontenttype": "application/json",
        },
        data={"status": status, "percent": percent, "date": "2020-01-31"},
    )
    return JSONFormat().write(made)


def post(address, headers, body):
    return requests.post(address, headers=headers, data=body, timeout=30)


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: report_status.py ADDRESS ID…")
    address, measures = sys.argv[1], sys.argv[2:]
    for measure in measures:
        answer = post(f"{address}?dryRun=true", ONE, event(measure))
        require(answer.status_code == 201 and answer.headers.get("Dry-Run") == "true", f"dry run: {answer.text}")
    first = {}
    for measure in measures:
        answer = post(address, ONE, event(measure))
        require(answer.status_code == 201, f"{measure}: {answer.text}")
        require(len(answer.json()["events"]) == 1, f"{measure} was known: {answer.text}")
        first[measure] = answer.json()
    batch = b"[" + b",".join(event(measure) for measure in measures) + b"]"
    results = post(address, MANY, batch).json()["results"]
    require([result["answer"] for result in results] == [first[measure] for measure in measures], "a batch differs")
    refused = [
        (event("X-0"), 404, "unknown-external-measure"),
        (event(measures[0], percent=41), 422, "event-reused"),
        (event(measures[0], kind="example.other.v1"), 400, "invalid-value"),
        (event(measures[0]).replace(b'"percent"', b'"lead"'), 400, "unknown-field"),
    ]
    for body, status, code in refused:
        answer = post(address, ONE, body)
        require((answer.status_code, answer.json()["code"]) == (status, code), f"expected {code}: {answer.text}")
    print(f"reported {len(measures)} measures", json.dumps(sorted(first)))


if __name__ == "__main__":
    main()
