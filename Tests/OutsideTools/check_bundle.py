"""Runs the scripts that an audit bundle brings along: check_bundle.py BUNDLE OTHER VKEY

Both must accept BUNDLE under its key, and both must refuse it with every change that somebody could make to it without the
key; OTHER is the bundle of another log, for mixing the two. Prints `refused N changed bundles`.
"""

import os
import subprocess
import sys
import tarfile
import tempfile


def read(path):
    with tarfile.open(path) as archive:
        return [(member.name, archive.extractfile(member).read()) for member in archive]


def header(name, size, kind=b"0", link=b""):
    block = bytearray(512)
    for at, text in [
        (0, name.encode()), (100, b"0000644"), (108, b"0000000"), (116, b"0000000"), (124, b"%011o" % size),
        (136, b"%011o" % 0), (148, b" " * 8), (156, kind), (157, link), (257, b"ustar\x0000"),
    ]:
        block[at:at + len(text)] = text
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pack(members):
    packed = b"".join(header(name, len(data)) + data + bytes(-len(data) % 512) for name, data in members)
    return packed + bytes(1024)


def entries(data):
    found = []
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        found.append(data[2:end])
        data = data[end:]
    return found


def bundle(found):
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in found)


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def variants(members, others):
    """What was changed, and the changed bundle."""
    names = [name for name, _ in members]
    first, last = "tile/entries/000", [name for name in names if name.startswith("tile/entries/")][-1]
    content, other = dict(members), dict(others)

    def replacing(name, data):
        return pack([(own, data if own == name else old) for own, old in members])

    for name in (first, last):
        for part in (3, 2):
            yield f"a byte of {name} changed", replacing(name, flipped(content[name], len(content[name]) // part))
    own = entries(content[first])
    yield "two events swapped", replacing(first, bundle([own[1], own[0], *own[2:]]))
    yield "the last event cut off", replacing(last, bundle(entries(content[last])[:-1]))
    yield "an event inserted", replacing(last, bundle(entries(content[last]) + [own[0]]))
    yield "an event twice", replacing(first, bundle([own[0], own[0], *own[2:]]))
    for name in [name for name in names if name.startswith(("tile/0/", "tile/1/"))][:1] + [
        name for name in names if name.startswith("tile/1/")
    ]:
        yield f"a hash of {name} changed", replacing(name, flipped(content[name], 5))
    note = content["checkpoint"]
    lines = note.split(b"\n")
    yield "another size signed", replacing("checkpoint", b"\n".join([lines[0], b"7", *lines[2:]]))
    yield "another root signed", replacing("checkpoint", b"\n".join([*lines[:2], flipped(lines[2], 3), *lines[3:]]))
    yield "another origin signed", replacing("checkpoint", flipped(note, 3))
    yield "no signature", replacing("checkpoint", note.split(b"\n\n")[0] + b"\n\n")
    yield "the checkpoint of another log", replacing("checkpoint", other["checkpoint"])
    yield "events of another log", replacing(first, other[first])
    yield "events and hashes of another log", pack(
        [(name, other.get(name, data) if name.startswith("tile/") else data) for name, data in members])
    yield "a member missing", pack([member for member in members if member[0] != "tile/0/000"])
    yield "the events missing", pack([member for member in members if member[0] != first])
    yield "a member more", pack([*members, ("tile/entries/999", content[first])])
    yield "a name that leaves the folder", pack([*members[:-1], ("../../evil", b"x"), members[-1]])
    whole = pack(members)
    place = whole.index(header(first, len(content[first])))
    yield "a link in place of the events", (
        whole[:place] + header(first, 0, b"2", b"/etc/passwd") + whole[place + 512:])
    yield "a gigantic size", whole[:place] + header(first, 0o77777777777) + whole[place + 512:]
    for length in (1, 511, 512, len(whole) // 2, place + 100):
        yield f"cut off after {length} bytes", whole[:length]
    yield "bytes after the end", whole + b"x" * 512
    yield "nothing at all", b""


def disclosure_variants(members):
    """What only the script that reads values can notice."""
    for name, data in members:
        if name.startswith("disclosures/"):
            lines = data.split(b"\n")
            for change, changed in [
                ("altered", data[:20] + (b"B" if data[20:21] != b"B" else b"C") + data[21:]),
                ("moved", data.replace(b'"position":', b'"position":1', 1)),
                ("twice", lines[0] + b"\n" + data),
                ("no JSON", b"value\n" + data),
            ]:
                yield f"a value of {name} {change}", pack(
                    [(own, changed if own == name else old) for own, old in members])
            return


def run(command, path):
    result = subprocess.run([*command, path], capture_output=True, text=True, timeout=300)
    text = result.stdout + result.stderr
    assert "Traceback" not in text and "panic" not in text, f"{command[0]} broke down: {text}"
    return result.returncode, text


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: check_bundle.py BUNDLE OTHER VKEY")
    bundle_path, other_path, vkey = sys.argv[1:]
    members, others = read(bundle_path), read(other_path)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("verify.py", "verify.go"):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(dict(members)[name])
        lines = dict(members)["verify.py"].count(b"\n")
        assert lines < 100, f"verify.py has {lines} lines"
        go = os.environ | {
            "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOPROXY": "off",
            "CGO_ENABLED": "0", "GOCACHE": f"{folder}/go-cache",
        }
        subprocess.run(["go", "build", "-o", f"{folder}/verify", f"{folder}/verify.go"], env=go, check=True)
        in_python = [sys.executable, f"{folder}/verify.py"]
        in_go = [f"{folder}/verify", "-key", vkey]

        def judge(path, with_key=True):
            command = [*in_python, path] + (["--key", vkey] if with_key else [])
            result = subprocess.run(command, capture_output=True, text=True, timeout=300)
            text = result.stdout + result.stderr
            assert "Traceback" not in text, f"verify.py broke down: {text}"
            return result.returncode, text

        for status, text in (judge(bundle_path), judge(bundle_path, False), run(in_go, bundle_path)):
            assert status == 0 and "ok: " in text, text
        status, text = run([f"{folder}/verify", "-key", vkey], other_path)
        assert status == 1, f"another log's bundle is accepted under this key: {text}"
        count = 0
        changed = f"{folder}/changed.tar"
        for kinds, both in ((variants(members, others), True), (disclosure_variants(members), False)):
            for kind, data in kinds:
                with open(changed, "wb") as file:
                    file.write(data)
                status, text = judge(changed)
                assert status in (1, 2) and text, f"verify.py accepts a bundle with {kind}: {text}"
                if both:
                    status, text = run(in_go, changed)
                    assert status == 1 and text, f"verify.go accepts a bundle with {kind}: {text}"
                count += 1
    print(f"refused {count} changed bundles")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(str(error))
