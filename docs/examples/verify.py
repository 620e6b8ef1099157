#!/usr/bin/env python3
"""Verifies a hipaa-check evidence bundle with nothing but Python and the openssl command.

    verify.py BUNDLE.tar FINGERPRINT [FINGERPRINT ...] [AUTHORITY.pem]

Each FINGERPRINT (64 hexadecimal digits) is one that you got from a signer by another way than the bundle itself, and each of
these signers must have signed. AUTHORITY.pem: whose time stamp to believe. Exit code: 0 authentic and whole, 1 not, 2 wrong usage,
3 undecided. docs/guide/bundle-format.md describes what is checked here; that every report says what the results say, it leaves out.
"""
import base64, calendar, hashlib, json, pathlib, re, subprocess, sys, tempfile, time
from unicodedata import normalize

MANIFEST, ENVELOPE, REPORT, STAMP = "manifest.json", "manifest.dsse.json", "results/report.json", "manifest.dsse.json.tst"
TYPE, ED25519 = "application/vnd.in-toto+json", bytes.fromhex("302a300506032b6570032100")
TIMES = {"createdAt": "%Y-%m-%dT%H:%M:%SZ", "asOf": "%Y-%m-%d", "retainUntil": "%Y-%m-%d"}
HEAD, NAMES = ("tool", "editions", "summary", *TIMES), {"files", "inputs", "schemaVersion", "signers"}

class Rejected(Exception): ...

def require(condition, reason):
    if not condition:
        raise Rejected(reason)

def canonical(value):  # RFC 8785 for what a manifest holds: strings, small whole numbers, ASCII names
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

def header(path, size):  # the one in USTAR that is allowed: a plain file, mode 644, of nobody, without a time
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
    return bytes(block[:148]) + b"%06o\0 " % sum(block) + bytes(block[156:])

def entries(file):  # (path, size, sha256, content where it is read) of each, in the order of the archive
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
        bad = re.search(r"[\x00-\x1f\x7f\\]|^[a-zA-Z]:", path) or {"", ".", ".."} & set(path.split("/")) or size < 0
        require(not bad and normalize("NFC", path) == path and header(path, size) == block, f"{path}: not a plain file")
        digest, kept, missing, keep = hashlib.sha256(), bytearray(), size, path in (MANIFEST, ENVELOPE, REPORT, STAMP)
        require(not keep or size < 1 << 29, f"{path}: too large to be true")
        while missing:
            chunk = file.read(min(missing, 1 << 20))
            require(chunk, f"the archive ends inside {path}")
            missing -= len(chunk)
            digest.update(chunk)
            kept += chunk if keep else b""
        require(file.read(-size % 512) == bytes(-size % 512), f"something is hidden behind {path}")
        yield path, size, digest.hexdigest(), bytes(kept)

def parse(octets, what):
    whole = lambda text: int(text) if re.fullmatch(r"0|[1-9]\d{0,14}", text) else require(False, f"{text} is no number here")
    try:
        value = json.loads(octets.decode(), parse_int=whole, parse_float=whole, parse_constant=whole)
        require(isinstance(value, dict) and canonical(value) == octets, f"the {what} is not in its canonical form")
        return value
    except (ValueError, RecursionError):
        raise Rejected(f"the {what} is not JSON")

def openssl(words, **files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            pathlib.Path(folder, name).write_bytes(content)
        return subprocess.run(["openssl", *words.split()], cwd=folder, capture_output=True).returncode == 0

def signature_fits(key, text, sig):
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(key) + b"\n-----END PUBLIC KEY-----\n"
    is_ed25519 = key.startswith(ED25519) and len(key) == 44
    return is_ed25519 and openssl("pkeyutl -verify -pubin -inkey key -rawin -in text -sigfile sig", key=pem, text=text, sig=sig)

def stamp_fits(token, text, authority):  # RFC 3161, with certificates that were valid at the time that it says
    said = re.search(rb"\x18\x0f(\d{14})Z", token)
    require(said and token[:2] == b"0\x82" and len(token) == 4 + int.from_bytes(token[2:4], "big"), "not a time stamp")
    words = "ts -verify -data text -token_in -in token -CAfile authority -partial_chain -attime "
    at = calendar.timegm(time.strptime(said[1].decode(), "%Y%m%d%H%M%S"))
    return openssl(f"{words}{at}", text=text, token=token, authority=authority)

def verify(bundle, trusted, authority):
    with bundle.open("rb") as file:
        found = list(entries(file))
    stamp = found.pop()[3] if found and found[-1][0] == STAMP else None
    paths = [path for path, *_ in found]
    require(len(set(paths)) == len(paths), "a file is in the bundle twice")
    require(paths[-2:] == [MANIFEST, ENVELOPE], "the manifest and its signature are not the last files")
    octets, report = found[-2][3], [entry[3] for entry in found if entry[0] == REPORT] or [b"null"]
    manifest, envelope = parse(octets, "manifest"), parse(found[-1][3], "signature")
    try:
        require(manifest.keys() == NAMES.union(HEAD) and manifest["schemaVersion"] == "1", "not a manifest, or a later one")
        made = [time.strptime(manifest[name], form) for name, form in TIMES.items()][0]
        # 1. The files: the same paths, sizes and digests in the same order, sorted by the octets of the paths.
        listed = [(entry["path"], entry["size"], entry["sha256"]) for entry in manifest["files"]]
        require(repr(listed) == repr([entry[:3] for entry in found[:-2]]), "the files are not those that the manifest lists")
        require(paths[:-2] == sorted(paths[:-2], key=str.encode), "the files are not in their order")
        kept = {path: (size, digest) for path, size, digest in listed}
        inputs = [(entry, kept[entry["member"]]) for entry in manifest["inputs"] if entry["member"] is not None]
        same = [own == (entry["size"], entry["sha256"]) or entry["redactions"] for entry, own in inputs]
        require(all(same), "a kept input is another file")
        named = {f"policies/editions/{entry['id']}.json": entry["sha256"] for entry in manifest["editions"]}
        require(all(kept[path][1] == named[path] for path in named), "an edition is another one")
        require(json.loads(report[0])["summary"] == manifest["summary"], "the manifest counts other results than the report")
        # 2. The statement: a function of the manifest.
        digest, said = hashlib.sha256(octets).hexdigest(), {name: manifest[name] for name in HEAD}
        kinds = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://hipaa-check.dev/evidence/v1"}
        statement = canonical({**kinds, "subject": [{"name": MANIFEST, "digest": {"sha256": digest}}], "predicate": said})
        require(envelope["payloadType"] == TYPE and set(envelope) == {"payload", "payloadType", "signatures"}, "not a DSSE envelope")
        require(envelope["payload"] == base64.b64encode(statement).decode(), "what was signed is another manifest")
        # 3. The signatures: by every signer of the manifest, once each, and by nobody else.
        message = b"DSSEv1 %d %s %d %s" % (len(TYPE), TYPE.encode(), len(statement), statement)
        named = [entry for entry in manifest["signers"] if entry["role"] in ("assessor", "approver")]
        signers = {entry["fingerprint"]: base64.b64decode(entry["publicKey"], validate=True) for entry in named}
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
    future = calendar.timegm(made) > time.time() and "it is of the future of this clock"
    return manifest, future or stamp is not None and authority is None and "its time stamp was NOT checked: give AUTHORITY.pem"

if __name__ == "__main__":
    prints = [word for word in sys.argv[2:] if re.fullmatch("[0-9a-f]{64}", word)]
    files = [pathlib.Path(word) for word in sys.argv[1:] if word not in prints]
    if not prints or len(files) not in (1, 2) or not all(map(pathlib.Path.is_file, files)):
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    try:
        result, unchecked = verify(files[0], prints, files[1].read_bytes() if files[1:] else None)
    except Rejected as reason:
        sys.exit(print(f"REJECTED: {reason}", file=sys.stderr) or 1)
    print(f"authentic and whole: {len(result['files'])} files, made at {result['createdAt']}, summary {result['summary']}")
    sys.exit(unchecked and (print(f"undecided: {unchecked}", file=sys.stderr) or 3))
