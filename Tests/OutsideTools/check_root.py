"""Checks a log's root with another implementation of RFC 6962: check_root.py FILE.ndjson SIZE ROOT_BASE64

Builds the tree of the first SIZE lines, byte for byte without their LF, with the package pymerkle. Prints
`root of SIZE entries matches`, or fails with exit code 1 and the reason.
"""

import base64
import itertools
import sys

from pymerkle import InmemoryTree


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: check_root.py FILE.ndjson SIZE ROOT_BASE64")
    path, size, expected = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    tree = InmemoryTree(algorithm="sha256")
    with open(path, "rb") as file:
        for line in itertools.islice(file, size):
            if not line.endswith(b"\n"):
                sys.exit(f"{path}: the last line does not end in LF")
            tree.append_entry(line[:-1])
    if tree.get_size() != size:
        sys.exit(f"{path}: has {tree.get_size()} entries, expected {size}")
    root = base64.b64encode(tree.get_root()).decode()
    if root != expected:
        sys.exit(f"{path}: root of {size} entries is {root}, expected {expected}")
    print(f"root of {size} entries matches")


if __name__ == "__main__":
    main()
