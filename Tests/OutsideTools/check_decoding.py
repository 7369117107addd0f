"""Checks what was decoded from the database's log: check_decoding.py DECODED EVENTS

DECODED is what pg_recvlogical wrote with wal2json (format-version 2), in as many pieces as it was killed; EVENTS the
exported log, one event a line. Only rows of ledger.events may be in it, only inserted, each with the bytes that were
exported and in the order of the log; what came again must be the same. Prints `decoded N events …`, or fails.
"""

import json
import sys


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: check_decoding.py DECODED EVENTS")
    with open(sys.argv[2], "rb") as file:
        expected = [line.rstrip(b"\n") for line in file]
    decoded, repeated, torn = {}, 0, 0
    with open(sys.argv[1], "rb") as file:
        for line in file:
            try:
                change = json.loads(line)
            except ValueError:
                # The last line of a reader that was killed; the next one begins with it again.
                torn += 1
                continue
            if change["action"] in "BC":
                continue
            if (change["action"], change["schema"], change["table"]) != ("I", "ledger", "events"):
                sys.exit(f"this is decoded too: {change['action']} {change['schema']}.{change['table']}")
            row = {column["name"]: column["value"] for column in change["columns"]}
            body = bytes.fromhex(row["body"].removeprefix("\\x"))
            event = json.loads(body)
            if (row["subject"], row["type"], f"{row['position']:016}") != (event["subject"], event["type"], event["id"]):
                sys.exit(f"columns and body disagree at {row['position']}")
            if row["log_id"] != "main":
                continue
            if row["position"] in decoded:
                repeated += 1
                if decoded[row["position"]] != body:
                    sys.exit(f"{row['position']} came again with other bytes")
            elif row["position"] != len(decoded):
                sys.exit(f"{row['position']} came after {len(decoded)} events")
            else:
                decoded[row["position"]] = body
    if list(decoded.values()) != expected:
        sys.exit(f"{len(decoded)} events were decoded, {len(expected)} exported")
    print(f"decoded {len(decoded)} events, {repeated} repeated, {torn} torn")


if __name__ == "__main__":
    main()
