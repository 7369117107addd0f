"""Checks exported events with other people's libraries: check_events.py FILE.ndjson

Every line must be the canonical JSON (RFC 8785, package rfc8785) of an event that the CloudEvents SDK (package
cloudevents) accepts, and keep the rules for attributes in the design's formats, part 0. Prints `checked N events`, or
fails with exit code 1 and `FILE:LINE: reason`.
"""

import json
import re
import sys

import rfc8785
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

ENTRY_BYTES_MAX = 65_535
NAME = re.compile(r"[a-z0-9]+")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Rejected(Exception):
    """Says what is wrong with one line."""


def require(condition, reason):
    if not condition:
        raise Rejected(reason)


def no_float(digits):
    raise Rejected(f"{digits} is not an integer")


def check_line(line, position):
    require(len(line) <= ENTRY_BYTES_MAX, f"{len(line)} bytes, at most {ENTRY_BYTES_MAX} are allowed")
    try:
        attributes = json.loads(line, parse_float=no_float, parse_constant=no_float)
    except ValueError as error:
        raise Rejected(f"not JSON: {error}") from error
    require(isinstance(attributes, dict), "not a JSON object")
    try:
        canonical = rfc8785.dumps(attributes)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise Rejected(f"no canonical form: {error}") from error
    require(canonical == line, f"not canonical: {first_difference(canonical, line)}")
    check_attributes(attributes, position)
    try:
        event = JSONFormat().read(CloudEvent, line)
    except Exception as error:  # The SDK documents no closed set of exceptions: whatever it raises is a refusal.
        raise Rejected(f"refused by cloudevents: {' '.join(str(error).split())}") from error
    require(event.get_id() == attributes["id"], "cloudevents reads another id")


def first_difference(canonical, line):
    at = next((i for i, (a, b) in enumerate(zip(canonical, line)) if a != b), min(len(canonical), len(line)))
    return f"at byte {at} rfc8785 writes {canonical[at:at + 24]!r}, found {line[at:at + 24]!r}"


def check_attributes(attributes, position):
    expected = f"{position:016}"
    for name in ("id", "sequence"):
        require(attributes.get(name) == expected, f"{name} is {attributes.get(name)!r}, expected {expected!r}")
    require(TIME.fullmatch(str(attributes.get("time"))), f"time is {attributes.get('time')!r}, not UTC with six digits")
    require(not ("data" in attributes and "data_base64" in attributes), "has both data and data_base64")
    for name, value in attributes.items():
        if name in ("data", "data_base64"):
            continue
        require(NAME.fullmatch(name), f"attribute name {name!r} is not of [a-z0-9]")
        if isinstance(value, str):
            require(value and not CONTROL.search(value), f"{name} is empty or has a control character")
        elif not isinstance(value, bool):
            require(isinstance(value, int) and -(2**31) <= value < 2**31, f"{name} has no type of CloudEvents")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_events.py FILE.ndjson")
    path = sys.argv[1]
    count = 0
    with open(path, "rb") as file:
        for line in file:
            try:
                require(line.endswith(b"\n"), "the last line does not end in LF")
                check_line(line[:-1], count)
            except Rejected as rejected:
                sys.exit(f"{path}:{count + 1}: {rejected}")
            count += 1
    print(f"checked {count} events")


if __name__ == "__main__":
    main()
