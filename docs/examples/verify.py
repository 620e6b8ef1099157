#!/usr/bin/env python3
"""Verifies a hipaa-check evidence bundle with nothing but Python and the openssl command.

    verify.py BUNDLE.tar FINGERPRINT [FINGERPRINT ...] [AUTHORITY.pem]

Each FINGERPRINT (64 hexadecimal digits) is one that you got from a signer by another way than the bundle itself, and each of
these signers must have signed. AUTHORITY.pem: whose time stamp to believe. Exit code: 0 authentic and whole, 1 not, 2 wrong
usage, 3 a time stamp was not checked. docs/guide/bundle-format.md describes the layout that is checked here, step by step.
"""
import base64, calendar, hashlib, json, pathlib, re, subprocess, sys, tempfile, time

MANIFEST, ENVELOPE, TYPE = "manifest.json", "manifest.dsse.json", "application/vnd.in-toto+json"
STAMP, ED25519 = "manifest.dsse.json.tst", bytes.fromhex("302a300506032b6570032100")

class Rejected(Exception): ...

def require(condition, reason):
    if not condition:
        raise Rejected(reason)

def canonical(value):
    """RFC 8785 for what a manifest holds: strings, whole numbers, ASCII names."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def header(path, size):
    """The one USTAR header that is allowed: a plain file, mode 644, of nobody, without a time."""
    name, prefix, raw = path.encode(), b"", path.encode()
    if len(raw) > 100:
        cuts = [i for i, octet in enumerate(raw) if octet == 47 and i <= 155 and 0 < len(raw) - i - 1 <= 100]
        require(cuts, f"{path}: the path has no room in a header")
        prefix, name = raw[: cuts[0]], raw[cuts[0] + 1 :]
    block = bytearray(512)
    fields = [(0, name), (100, b"0000644\0"), (108, b"0000000\0"), (116, b"0000000\0"), (124, b"%011o\0" % size)]
    fields += [(136, b"00000000000\0"), (148, b" " * 8), (156, b"0"), (257, b"ustar\00000"), (345, prefix)]
    for at, field in fields:
        block[at : at + len(field)] = field
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)

def safe(path):
    parts = path.split("/")
    return not re.search(r"[\x00-\x1f\x7f\\]|^[a-zA-Z]:", path) and all(p not in ("", ".", "..") for p in parts)

def entries(file):
    """(path, size, sha256, content of what closes the bundle) of each entry, in the order of the archive."""
    while True:
        block = file.read(512)
        require(len(block) == 512, "the archive ends in the middle")
        if block == bytes(512):
            return require(file.read(513) == bytes(512), "something follows the end of the archive")
        try:
            name, prefix = (block[a:b].split(b"\0")[0].decode() for a, b in ((0, 100), (345, 500)))
            path, size = (prefix + "/" if prefix else "") + name, int(block[124:135], 8)
        except ValueError:
            raise Rejected("a header cannot be read")
        require(safe(path) and size >= 0 and header(path, size) == block, f"{path}: not a plain file")
        digest, kept, missing = hashlib.sha256(), bytearray(), size
        require(path not in (MANIFEST, ENVELOPE, STAMP) or size < 1 << 26, f"{path}: too large to be true")
        while missing:
            chunk = file.read(min(missing, 1 << 20))
            require(chunk, f"the archive ends inside {path}")
            missing -= len(chunk)
            digest.update(chunk)
            kept += chunk if path in (MANIFEST, ENVELOPE, STAMP) else b""
        require(file.read(-size % 512) == bytes(-size % 512), f"something is hidden behind {path}")
        yield path, size, digest.hexdigest(), bytes(kept)

def parse(octets, what):
    try:
        value = json.loads(octets.decode())
    except (ValueError, RecursionError):
        raise Rejected(f"the {what} is not JSON")
    require(isinstance(value, dict) and canonical(value) == octets, f"the {what} is not in its canonical form")
    return value

def openssl(words, **files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            pathlib.Path(folder, name).write_bytes(content)
        return subprocess.run(["openssl", *words.split()], cwd=folder, capture_output=True).returncode == 0

def signature_fits(key, text, sig):
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(key) + b"\n-----END PUBLIC KEY-----\n"
    words = "pkeyutl -verify -pubin -inkey key -rawin -in text -sigfile sig"
    return key.startswith(ED25519) and len(key) == 44 and openssl(words, key=pem, text=text, sig=sig)

def stamp_fits(token, text, authority):
    """RFC 3161: by an authority that was trusted, with certificates that were valid at the time that it says."""
    said = re.search(rb"\x18\x0f(\d{14})Z", token)
    require(said and token[:2] == b"0\x82" and len(token) == 4 + int.from_bytes(token[2:4], "big"), "not a time stamp")
    at = calendar.timegm(time.strptime(said[1].decode(), "%Y%m%d%H%M%S"))
    words = f"ts -verify -data text -token_in -in token -CAfile authority -partial_chain -attime {at}"
    return openssl(words, text=text, token=token, authority=authority)

def verify(bundle, trusted, authority):
    with open(bundle, "rb") as file:
        found = list(entries(file))
    stamp = found.pop()[3] if found and found[-1][0] == STAMP else None
    paths = [path for path, *_ in found]
    require(len(set(paths)) == len(paths), "a file is in the bundle twice")
    require(paths[-2:] == [MANIFEST, ENVELOPE], "the manifest and its signature are not the last files")
    octets = found[-2][3]
    manifest, envelope = parse(octets, "manifest"), parse(found[-1][3], "signature")
    try:
        # 1. The files: the same paths, sizes and digests in the same order, sorted by the octets of the paths.
        listed = [(entry["path"], entry["size"], entry["sha256"]) for entry in manifest["files"]]
        require(listed == [entry[:3] for entry in found[:-2]], "the files are not those that the manifest lists")
        require(paths[:-2] == sorted(paths[:-2], key=str.encode), "the files are not in their order")
        kept = {path: (size, digest) for path, size, digest in listed}
        for entry in (entry for entry in manifest["inputs"] if entry["member"] is not None):
            same = kept[entry["member"]] == (entry["size"], entry["sha256"])
            require(same or entry["redactions"], f"{entry['path']}: the kept input is another file")
        # 2. The statement: a function of the manifest.
        names = ("tool", "createdAt", "asOf", "retainUntil", "editions", "summary")
        subject = [{"name": MANIFEST, "digest": {"sha256": hashlib.sha256(octets).hexdigest()}}]
        kinds = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://hipaa-check.dev/evidence/v1"}
        statement = canonical({**kinds, "subject": subject, "predicate": {name: manifest[name] for name in names}})
        payload = base64.b64decode(envelope["payload"], validate=True)
        require(base64.b64encode(payload).decode() == envelope["payload"], "the payload is not canonical base64")
        require(envelope["payloadType"] == TYPE and set(envelope) == {"payload", "payloadType", "signatures"}, "not a DSSE envelope")
        require(payload == statement, "what was signed is another manifest")
        # 3. The signatures: by every signer of the manifest, once each, and by nobody else.
        message = b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE.encode(), len(payload), payload)
        signers = {entry["fingerprint"]: base64.b64decode(entry["publicKey"], validate=True) for entry in manifest["signers"]}
        keys = [entry["keyid"] for entry in envelope["signatures"]]
        require(keys == sorted(signers) and len(signers) == len(manifest["signers"]), "not the signers of the manifest")
        for entry in envelope["signatures"]:
            key, signature = signers[entry["keyid"]], base64.b64decode(entry["sig"], validate=True)
            require(set(entry) == {"keyid", "sig"} and base64.b64encode(signature).decode() == entry["sig"], "a signature is not canonical")
            require(hashlib.sha256(key).hexdigest() == entry["keyid"], "a key has another fingerprint")
            require(signature_fits(key, message, signature), f"the signature by {entry['keyid']} does not fit")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Rejected(f"the manifest or the signature lacks something: {error}")
    # 4. Trust: comes from you, never from the bundle.
    require(signers.keys() >= set(trusted), f"not signed by {set(trusted) - signers.keys()}")
    require(not authority or stamp and stamp_fits(stamp, found[-1][3], authority), "no time stamp, or one that does not fit")
    return manifest, stamp is not None and authority is None

if __name__ == "__main__":
    prints = [word for word in sys.argv[2:] if re.fullmatch("[0-9a-f]{64}", word)]
    files = [word for word in sys.argv[2:] if word not in prints]
    if not prints or len(files) > 1 or not all(map(pathlib.Path.is_file, map(pathlib.Path, sys.argv[1:2] + files))):
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    try:
        result, unchecked = verify(sys.argv[1], prints, pathlib.Path(files[0]).read_bytes() if files else None)
    except Rejected as reason:
        sys.exit(print(f"REJECTED: {reason}", file=sys.stderr) or 1)
    print(f"authentic and whole: {len(result['files'])} files, made at {result['createdAt']}, summary {result['summary']}")
    sys.exit(unchecked and (print("its time stamp was NOT checked: give AUTHORITY.pem", file=sys.stderr) or 3))
