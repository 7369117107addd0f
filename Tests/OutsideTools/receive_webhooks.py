"""A receiver of deliveries that behaves badly: receive_webhooks.py PORT_FILE EXPECTED SEED WHSEC WHPK

Listens on a free port, writes it to PORT_FILE, and takes Standard Webhooks deliveries until it has EXPECTED different
events. Every delivery is verified: `v1` with the package standardwebhooks, `v1a` with cryptography, the body with the
CloudEvents SDK. By a seeded chance it answers 500 or 429, breaks the connection, drips its answer or sends a huge one
instead. Events about one subject must arrive in order, ids without a gap. Prints `received N events …`, or fails.
"""

import base64
import http.server
import json
import random
import sys
import threading

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook

lock = threading.Lock()
done = threading.Event()
received, last_by_subject, problems = {}, {}, []
counts = {"asked": 0, "deliveries": 0, "repeated": 0, "refused": 0}


def verify(headers, body, secret, public_key):
    Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    tokens = [token.split(",", 1) for token in headers["webhook-signature"].split(" ")]
    if {version for version, _ in tokens} != {"v1", "v1a"}:
        raise ValueError(f"signatures {tokens}")
    for version, signature in tokens:
        if version == "v1a":
            public_key.verify(base64.b64decode(signature), signed)
    event = JSONFormat().read(CloudEvent, body)
    if event.get_id() != headers["webhook-id"]:
        raise ValueError("webhook-id is not the event's id")
    if headers["content-type"].split(";")[0] != "application/cloudevents+json":
        raise ValueError(headers["content-type"])


def note(event):
    with lock:
        counts["deliveries"] += 1
        if event["id"] in received:
            counts["repeated"] += 1
            return
        if last_by_subject.get(event["subject"], "") > event["id"]:
            problems.append(f"{event['id']} about {event['subject']} came after {last_by_subject[event['subject']]}")
        last_by_subject[event["subject"]] = event["id"]
        received[event["id"]] = event["type"]


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # The sender was killed in the middle of it.
            self.close_connection = True
            return
        if counts["asked"] < 2:
            problems.append("delivered before it was asked")
        try:
            verify(self.headers, body, SECRET, PUBLIC_KEY)
        except Exception as error:  # Whatever a verifier raises is what this receiver is here to find.
            problems.append(f"not verified: {error!r}")
            done.set()
        with lock:
            chance = CHANCE.random()
        if chance < 0.06:
            return self.refuse(500)
        if chance < 0.10:
            return self.refuse(429, {"Retry-After": "0"})
        if chance < 0.14:
            # Gone without an answer; whether it was taken the sender cannot know.
            with lock:
                counts["refused"] += 1
            self.close_connection = True
            return
        note(json.loads(body))
        if chance < 0.16:
            self.answer(200, b"x" * 2_000_000)
        elif chance < 0.18:
            self.drip()
        else:
            self.answer(204, b"")
        if len(received) >= EXPECTED:
            done.set()

    def do_OPTIONS(self):
        """The handshake of CloudEvents: without consent nothing may come."""
        if self.headers["webhook-request-origin"] is None or not self.headers["webhook-request-rate"].isdigit():
            problems.append(f"asked without its name and rate: {dict(self.headers)}")
        with lock:
            counts["asked"] += 1
            consent = counts["asked"] > 1
        # A status alone is no consent, which the first answer tries out.
        fields = {"WebHook-Allowed-Origin": self.headers["webhook-request-origin"], "WebHook-Allowed-Rate": "*"}
        self.answer(200, b"", fields if consent else None)

    def refuse(self, status, fields=None):
        with lock:
            counts["refused"] += 1
        self.answer(status, b"no", fields)

    def answer(self, status, body, fields=None):
        self.send_response(status)
        for name, value in (fields or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def drip(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        for byte in b"drops":
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def log_message(self, *arguments):
        pass


def main():
    global SECRET, PUBLIC_KEY, CHANCE, EXPECTED
    if len(sys.argv) != 6:
        sys.exit("usage: receive_webhooks.py PORT_FILE EXPECTED SEED WHSEC WHPK")
    EXPECTED, CHANCE, SECRET = int(sys.argv[2]), random.Random(int(sys.argv[3])), sys.argv[4]
    PUBLIC_KEY = Ed25519PublicKey.from_public_bytes(base64.b64decode(sys.argv[5].removeprefix("whpk_")))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(open(sys.argv[1]).read())), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done.wait()
    # What was answered last is on its way to the sender.
    server.shutdown()
    missing = [f"{i:016}" for i in range(EXPECTED) if f"{i:016}" not in received]
    if missing:
        problems.append(f"{len(missing)} events are missing, the first {missing[0]}")
    if problems:
        sys.exit("\n".join(problems[:20]))
    print(
        f"received {len(received)} events in {counts['deliveries']} deliveries,"
        f" {counts['repeated']} repeated, {counts['refused']} refused"
    )


if __name__ == "__main__":
    main()
