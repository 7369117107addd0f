"""Checks proofs with other implementations: check_proofs.py EVENTS.ndjson VKEY FILE...

A FILE that ends in .tlog-proof proves that a checkpoint covers an event (c2sp.org/tlog-proof); one that ends in .json proves
that the log of a size continues that of an earlier one. The package metamorphic_log judges all of them, pymerkle the first
kind. Each is also judged with one hash changed, and then must be refused. Prints `accepted N proofs`.
"""

import base64
import hashlib
import json
import sys

import metamorphic_log
from pymerkle import verify_inclusion
from pymerkle.proof import InclusionProof


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def accepts(verify, *arguments):
    try:
        verify(*arguments)
        return True
    except Exception:
        return False


def pymerkle_accepts(index, size, leaf, hashes, root):
    """pymerkle counts from 1, starts the path with the leaf, and wants to know which side each hash stands on."""
    inner = (index ^ (size - 1)).bit_length()
    outer = bin(index >> inner).count("1")
    rule = [index >> level & 1 for level in range(inner)] + [1] * outer + [0]
    path = [leaf, *hashes]
    if len(rule) != len(path):
        return False
    proof = InclusionProof("sha256", True, size, index + 1, rule, path)
    return accepts(verify_inclusion, leaf, root, proof, index + 1, size)


def check_inclusion(path, entries, vkey):
    text = open(path, encoding="utf-8", newline="").read()
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1", f"{path}: {lines[0]!r}"
    index = int(lines[1].removeprefix("index "))
    hashes = [base64.b64decode(line, validate=True) for line in lines[2:]]
    checkpoint = metamorphic_log.checkpoint_verify(note, [vkey])
    leaf, size, root = leaf_hash(entries[index]), checkpoint.size, checkpoint.root
    judges = [
        lambda index, leaf, hashes: accepts(metamorphic_log.verify_inclusion, index, size, leaf, hashes, root),
        lambda index, leaf, hashes: pymerkle_accepts(index, size, leaf, hashes, root),
    ]
    for number, judge in enumerate(judges):
        assert judge(index, leaf, hashes), f"{path}: judge {number} refuses the proof"
        other = leaf_hash(entries[index - 1 if index else 1])
        assert not judge(index, other, hashes), f"{path}: judge {number} accepts it for another event"
        for place in range(len(hashes)):
            changed = list(hashes)
            changed[place] = bytes([changed[place][0] ^ 1]) + changed[place][1:]
            assert not judge(index, leaf, changed), f"{path}: judge {number} accepts hash {place} changed"


def check_consistency(path):
    proof = json.load(open(path, encoding="utf-8"))
    old, new = proof["from"], proof["to"]
    roots = [base64.b64decode(proof[name]) for name in ("fromRoot", "toRoot")]
    hashes = [base64.b64decode(text) for text in proof["hashes"]]
    verify = metamorphic_log.verify_consistency
    assert accepts(verify, old, new, hashes, roots[0], roots[1]), f"{path}: refused"
    wrong = bytes([roots[0][0] ^ 1]) + roots[0][1:]
    assert not accepts(verify, old, new, hashes, wrong, roots[1]), f"{path}: accepted for another root"
    for place in range(len(hashes)):
        changed = list(hashes)
        changed[place] = bytes([changed[place][0] ^ 1]) + changed[place][1:]
        assert not accepts(verify, old, new, changed, roots[0], roots[1]), f"{path}: accepted with hash {place} changed"


def main():
    if len(sys.argv) < 4:
        sys.exit("usage: check_proofs.py EVENTS.ndjson VKEY FILE...")
    entries = open(sys.argv[1], "rb").read().split(b"\n")[:-1]
    for path in sys.argv[3:]:
        if path.endswith(".json"):
            check_consistency(path)
        else:
            check_inclusion(path, entries, sys.argv[2])
    print(f"accepted {len(sys.argv) - 3} proofs")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(str(error))
