#!/usr/bin/env python3
"""Makes masterplan-index.tsv from the text of the plan document: make-index.py DOCUMENT > masterplan-index.tsv

One row for each line that a plan file has to account for: line number, kind, first 8 bytes of the SHA-256 of the line's
bytes without its line feed. No text of the document gets into the index.

Kinds: `lead` names a lead (Federführung, FF); `measure` begins with a Roman numeral and a full stop, `part` with a
capital letter and one, `goal` with a small letter and a bracket. A line that names a lead is `lead`, whatever it begins
with.
"""
import hashlib
import re
import sys

ROMAN = re.compile(r"(?=[IVX])X{0,3}(IX|IV|V?I{0,3})\.")
PART = re.compile(r"[A-Z]\.(\s|$)")
GOAL = re.compile(r"[a-z]\)")


def kind(text):
    start = text.lstrip()
    if "Federführung" in text or "FF " in text:
        return "lead"
    if ROMAN.match(start):
        return "measure"
    if PART.match(start):
        return "part"
    if GOAL.match(start):
        return "goal"
    return None


def main():
    with open(sys.argv[1], "rb") as document:
        lines = document.read().split(b"\n")
    for number, line in enumerate(lines, 1):
        found = kind(line.decode("utf-8"))
        if found:
            print(number, found, hashlib.sha256(line).hexdigest()[:16], sep="\t")


main()
