"""Checks a witness's signature on a checkpoint: check_cosignature.py CHECKPOINT WITNESS_VKEY

With the package cryptography alone, as c2sp.org/tlog-cosignature writes it. Prints `cosigned at TIME` in seconds since 1970.
"""

import base64
import hashlib
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: check_cosignature.py CHECKPOINT WITNESS_VKEY")
    text, _, signatures = open(sys.argv[1], encoding="utf-8", newline="").read().rpartition("\n\n")
    name, key_id, encoded = sys.argv[2].split("+", 2)
    key = base64.b64decode(encoded)
    if key[0] != 4 or hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() != key_id:
        sys.exit("the key is none of type 4")
    for line in signatures.split("\n"):
        if not line.startswith(f"\u2014 {name} "):
            continue
        blob = base64.b64decode(line.rsplit(" ", 1)[1])
        if blob[:4].hex() != key_id or len(blob) != 76:
            continue
        seconds = struct.unpack(">Q", blob[4:12])[0]
        message = f"cosignature/v1\ntime {seconds}\n{text}\n"
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(blob[12:], message.encode())
        print(f"cosigned at {seconds}")
        return
    sys.exit(f"no signature by {name}")


if __name__ == "__main__":
    main()
