"""Checks a Federwerk audit bundle in one pass, extracting nothing: python3 verify.py BUNDLE.tar [--key VKEY]
Exit code 0: all agrees; 1: findings, one a line; 2: the file cannot be used. README.en.md explains the findings."""
import base64, hashlib, io, json, re, sys, tarfile
try: import metamorphic_log as notes, rfc8785
except ImportError: sys.exit(print("It needs packages: pip install metamorphic-log==0.1.11 rfc8785==0.1.4", file=sys.stderr) or 2)
FIRST = ["README.de.md", "README.en.md", "verify.py", "verify.go", "plan.yaml", "vkeys", "policy", "checkpoint"]
ORIGIN = r"[!-*,-~]+/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/main/([1-9][0-9]{0,8})"
counts = {"members": 0, "findings": 0, "disclosed": 0, "hidden": 0}
class Stop(Exception): """A finding after which nothing can be checked."""
def finding(place, expected, found):
    counts["findings"] += 1
    if counts["findings"] <= 50: print(f"{place}: expected {expected}, found {str(found)[:300]}")
def take(file, limits):  # The next member, one of these names ("": the end) of so many bytes at most: its name and bytes.
    block, names = file.read(512), " or ".join(name or "the archive's end" for name in limits)
    try: member = tarfile.TarInfo("") if block == bytes(512) else tarfile.TarInfo.frombuf(block, "utf-8", "backslashreplace")
    except tarfile.HeaderError as error: raise Stop("archive", names, f"no member: {error}")
    if member.name not in limits or member.name and (member.type != tarfile.REGTYPE or block[257:263] != b"ustar\0"):
        raise Stop("archive", f"{names} (a regular ustar file)", f"{member.name!a} of type {member.type!a}" if member.name else "its end")
    if not 0 <= member.size <= limits[member.name]: raise Stop(member.name, f"at most {limits[member.name]} bytes", member.size)
    data, counts["members"] = file.read(size := (member.size + 511) // 512 * 512), counts["members"] + 1
    if len(data) < size or any(data[member.size:]): raise Stop(member.name, f"{member.size} bytes, then zeros", len(data))
    return member.name, data[:member.size]
def check_checkpoint(note, vkeys):  # Gives origin, size and root, and the keys that signed.
    try:
        text, _, signatures = note.rpartition("\n\n")
        head = notes.checkpoint_parse(text + "\n")
        ids = [base64.b64decode(line.split(" ")[-1])[:4].hex() for line in signatures.split("\n")]
        keys = [key for key in vkeys if re.match(re.escape(head.origin) + r"\+[0-9a-f]{8}\+A[Q-Za-f]", key)]  # Ed25519
        notes.verify_signed_note(note, keys)  # One wrong signature by one of these keys spoils all.
        return head, [key for key in keys if key.split("+")[1] in ids]
    except Exception as error: raise Stop("checkpoint", "origin, size, root and a signature by its key", ascii(str(error)))
def tree_hash(nodes):  # RFC 6962; also right when the last node stands for fewer leaves than the others.
    if len(nodes) < 2: return nodes[0] if nodes else hashlib.sha256().digest()
    half = 1 << (len(nodes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_hash(nodes[:half]) + tree_hash(nodes[half:])).digest()
def path(number, width):  # 1234067 is x001/x234/067, as in c2sp.org/tlog-tiles.
    digits = str(number).zfill((len(str(number)) + 2) // 3 * 3)
    return re.sub("(...)(?=.)", r"x\1/", digits) + (f".p/{width}" if width < 256 else "")
def check_tile(file, levels, level, number, tile=None):  # Also the tile above when this one completes it.
    nodes, name = levels[level], f"tile/{level}/{path(number, len(levels[level]))}"
    tile = take(file, {name: 32 * len(nodes)})[1] if tile is None else tile
    for index, node in enumerate(nodes):
        place, stored = f"position {(256 * number + index) * 256**level}", tile[32 * index:][:32]
        if stored != node: finding(place, f"hash {stored.hex()} as in {name}", f"{node.hex()} computed from the events")
    if len(nodes) == 256:
        levels[level], levels[level + 1] = [], [*levels[level + 1], tree_hash(nodes)]
        if len(levels[level + 1]) == 256: check_tile(file, levels, level + 1, number // 256)
def check_event(position, entry, plan, epochs):  # `epochs`: the lowest and highest that may come. Gives its digests.
    try:  # `int` refuses numbers with a fraction or exponent.
        event, place = json.loads(entry.decode(), parse_float=int, parse_constant=int), f"position {position}"
        if rfc8785.dumps(event) != entry: finding(place, "canonical JSON (RFC 8785)", "the same in other bytes")
        if not event["id"] == event["sequence"] == f"{position:016}": finding(place, f"id {position:016}", ascii(event["id"]))
        match = re.fullmatch(f"urn:federwerk:plan:{plan}:log:main:epoch:([1-9][0-9]{{0,8}})", event["source"])
        if match and epochs[0] <= int(match[1]) <= epochs[1]: epochs[0] = int(match[1])
        else: finding(place, f"plan {plan}, log main, epoch {epochs[0]} to {epochs[1]}", ascii(event["source"]))
    except Exception as error: finding(f"position {position}", "an event in canonical JSON", f"{type(error).__name__}: {error}")
    return set(re.findall(rb"[\w-]{43}", b"".join(re.findall(rb'"_sd":\[.*?\]', entry))))
def check_bundle(file, levels, number, width, plan, epochs):  # Up to 256 events, their disclosures and their tile.
    (name, data), at, digests = take(file, {f"tile/entries/{path(number, width)}": 256 * 65537}), 0, {}
    while at < len(data) and len(digests) < width:
        start, position = at + 2, 256 * number + len(digests)
        entry = data[start:(at := start + int.from_bytes(data[at:start], "big"))]
        levels[0].append(hashlib.sha256(b"\0" + entry).digest())
        digests[position] = check_event(position, entry, plan, epochs)
    if len(digests) < width or at != len(data): raise Stop(name, f"{width} events", f"{len(digests)} and {len(data) - at} bytes")
    name, data = take(file, {f"tile/0/{path(number, width)}": 32 * width, f"disclosures/{path(number, width)}": 2**26})
    tile, last = (None, 0) if name.startswith("disclosures/") else (data, 0)
    for line in io.BytesIO(data or b"no line") if tile is None else ():
        match = re.fullmatch(rb'\{"disclosure":"([\w-]+)","position":([0-9]{1,16})\}\n', line) or [b"", b"", b"0"]
        position, digest = int(match[2]), base64.urlsafe_b64encode(hashlib.sha256(match[1]).digest())[:43]
        if last <= position and digest in digests.get(position, ()): digests[position].remove(digest)
        else: finding(f"position {position}", f"in {name} a disclosure of its digests, in order", f"one of {digest.decode()}")
        last, counts["disclosed"] = position, counts["disclosed"] + 1
    counts["hidden"] += sum(map(len, digests.values()))
    check_tile(file, levels, 0, number, tile)
def check(file, trusted):
    first = {name: take(file, {name: 2**24 if "." in name else 2**16})[1].decode(errors="replace") for name in FIRST}
    head, keys = check_checkpoint(first["checkpoint"], trusted or first["vkeys"].splitlines())
    if not (origin := re.fullmatch(ORIGIN, head.origin)): raise Stop("checkpoint", "PREFIX/PLAN/main/EPOCH", ascii(head.origin))
    levels, epochs, nodes = [[] for _ in range(10)], [1, int(origin[2])], []
    for number in range((head.size + 255) // 256):
        check_bundle(file, levels, number, min(256, head.size - 256 * number), origin[1], epochs)
    for level in range(1, 10):
        if levels[level]: check_tile(file, levels, level, head.size // 256**(level + 1))
    for level in levels: nodes = [*level, tree_hash(nodes)] if nodes else level
    if (root := tree_hash(nodes)) != head.root: finding("checkpoint", f"root {head.root.hex()}", f"{root.hex()} computed")
    take(file, {"": 0})
    if not 512 <= len(rest := file.read(10241)) <= 10240 or any(rest): finding("archive", "only zeros at its end", "more")
    return head, ", ".join(keys)
if len(sys.argv) != 2 and (len(sys.argv) != 4 or sys.argv[2] != "--key"): sys.exit(print(__doc__, file=sys.stderr) or 2)
try:
    with open(sys.argv[1], "rb") as file: head, keys = check(file, sys.argv[3:])
except OSError as error: sys.exit(print(error, file=sys.stderr) or 2)
except Stop as stop: finding(*stop.args)
if counts["findings"]: sys.exit(print(f"findings: {counts['findings']}") or (1 if counts["members"] else 2))
if len(sys.argv) == 2: print("the key came with the bundle: compare it with what was published elsewhere")
print(f"ok: {head.size} events, root {base64.b64encode(head.root).decode()}, checkpoint signed by {keys}; "
      f"{counts['disclosed']} values disclosed, {counts['hidden']} withheld or erased")
