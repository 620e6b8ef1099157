import { createHash, type KeyObject, verify, X509Certificate } from "node:crypto";
import { ContentInfo, SignedData, type SignerInfo } from "@peculiar/asn1-cms";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  id_ct_tstInfo,
  MessageImprint,
  TimeStampReq,
  TimeStampReqVersion,
  TSTInfo,
} from "@peculiar/asn1-tsp";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { fromBER, type Sequence } from "asn1js";
import { EvidenceError, inauthentic } from "../error.ts";

/** A time stamp (RFC 3161) that is about the given octets and was signed by the authority that it names. */
export interface TimeStamp {
  readonly time: Date;
  /** The certificate of the authority that signed. */
  readonly authority: X509Certificate;
  /** All certificates that came with it. */
  readonly certificates: readonly X509Certificate[];
}

const digests: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
const sha256Id = "2.16.840.1.101.3.4.2.1";

const contextSpecific = 3;
const signedDataId = "1.2.840.113549.1.7.2";
const contentTypeId = "1.2.840.113549.1.9.3";
const messageDigestId = "1.2.840.113549.1.9.4";
const signingCertificateIds = { v1: "1.2.840.113549.1.9.16.2.12", v2: "1.2.840.113549.1.9.16.2.47" };

/** Signature algorithms, with the digest that each implies; undefined where the signer names it apart. */
const signatures: Readonly<Record<string, string | undefined>> = {
  "1.2.840.113549.1.1.1": undefined,
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};

function digestOf(algorithm: string, octets: NodeJS.ArrayBufferView): Buffer {
  return createHash(algorithm).update(octets).digest();
}

/** A request (DER) for a time stamp of some octets, with the authority's certificate in the answer. */
export function timeStampRequest(octets: Buffer): Buffer {
  const request = new TimeStampReq({
    version: TimeStampReqVersion.v1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm: sha256Id, parameters: null }),
      hashedMessage: new OctetString(digestOf("sha256", octets)),
    }),
    certReq: true,
  });
  return Buffer.from(AsnConvert.serialize(request));
}

/**
 * The token in what an authority gave: the token itself, or its response around it.
 * @returns undefined where the authority gave none
 */
export function tokenIn(octets: Buffer): Buffer | undefined {
  const { offset, result } = fromBER(octets);
  const parts = offset === octets.length ? (result as Sequence).valueBlock.value : undefined;
  if (!Array.isArray(parts)) return undefined;
  // A response begins with its status, which is a sequence; a token with the id of its type.
  if (parts[0]?.idBlock.tagNumber !== 16) return octets;
  return parts[1] === undefined ? undefined : Buffer.from(parts[1].valueBeforeDecodeView);
}

/**
 * Opens a token that is about the given octets and fits itself: its statement is signed by the certificate that it names.
 * Whether that is an authority to trust is for `checkAuthority`.
 * @param octets the token, DER
 * @throws EvidenceError
 */
export function openTimeStamp(octets: Buffer, stamped: Buffer): TimeStamp {
  try {
    return open(octets, stamped);
  } catch (error) {
    // Whatever the parsers cannot read is no time stamp.
    throw error instanceof EvidenceError ? error : malformed();
  }
}

function open(octets: Buffer, stamped: Buffer): TimeStamp {
  const { signed, info } = parse(octets);
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  const algorithm = digests[hashAlgorithm.algorithm];
  if (algorithm === undefined || !digestOf(algorithm, stamped).equals(Buffer.from(hashedMessage.buffer))) {
    throw inauthentic(
      "timestamp-other",
      "The time stamp is of something else than the signature of this bundle.",
    );
  }
  const certificates = [...(signed.certificates ?? [])].flatMap(({ certificate }) =>
    certificate === undefined ? [] : [new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)))],
  );
  const [signer] = signed.signerInfos;
  if (signer === undefined || !isPlain(octets, signed, certificates)) throw malformed();
  if (!Object.hasOwn(signatures, signer.signatureAlgorithm.algorithm)) {
    throw inauthentic(
      "timestamp-algorithm",
      "The time stamp is signed by an algorithm that is not known here: RSA (PKCS #1) and ECDSA with SHA-2 are.",
    );
  }
  return { time: info.genTime, authority: checkSigner(signer, signed, certificates), certificates };
}

function malformed(): Error {
  return inauthentic("timestamp-malformed", "The time stamp is not one that RFC 3161 describes.");
}

function parse(octets: Buffer): { readonly signed: SignedData; readonly info: TSTInfo } {
  const outer = AsnConvert.parse(octets, ContentInfo);
  if (outer.contentType !== signedDataId) throw malformed();
  const signed = AsnConvert.parse(outer.content, SignedData);
  const content = signed.encapContentInfo.eContent?.single;
  if (signed.encapContentInfo.eContentType !== id_ct_tstInfo || content === undefined) throw malformed();
  return { signed, info: AsnConvert.parse(content.buffer, TSTInfo) };
}

/** Nothing in it that no signature covers: one signer, no unsigned attributes, no lists of revoked certificates. */
function isPlain(octets: Buffer, signed: SignedData, certificates: readonly X509Certificate[]): boolean {
  const [signer, ...others] = signed.signerInfos;
  const [digest, ...otherDigests] = signed.digestAlgorithms;
  return (
    others.length === 0 &&
    signed.version === 3 &&
    otherDigests.length === 0 &&
    signer?.version === 1 &&
    digest?.isEqual(signer.digestAlgorithm) === true &&
    hasNoParameters(digest) &&
    hasNoParameters(signer.signatureAlgorithm) &&
    signer.unsignedAttrs === undefined &&
    signed.crls === undefined &&
    certificates.length === (signed.certificates?.length ?? 0) &&
    Buffer.from(
      AsnConvert.serialize(
        new ContentInfo({ contentType: signedDataId, content: AsnConvert.serialize(signed) }),
      ),
    ).equals(octets)
  );
}

function hasNoParameters({ parameters }: AlgorithmIdentifier): boolean {
  return parameters === null || parameters === undefined;
}

/** @returns the certificate of the signer */
function checkSigner(
  signer: SignerInfo,
  signed: SignedData,
  certificates: readonly X509Certificate[],
): X509Certificate {
  const wrong = inauthentic("timestamp-wrong", "The signature of the time stamp does not fit.");
  const algorithm = digests[signer.digestAlgorithm.algorithm];
  const content = signed.encapContentInfo.eContent?.single;
  const raw = signedAttributes(signer);
  if (algorithm === undefined || content === undefined || raw === undefined) throw wrong;
  const attribute = (id: string): ArrayBuffer | undefined => {
    const found = (signer.signedAttrs ?? []).filter(({ attrType }) => attrType === id);
    return found.length === 1 && found[0]?.attrValues.length === 1 ? found[0].attrValues[0] : undefined;
  };
  const messageDigest = attribute(messageDigestId);
  const type = attribute(contentTypeId);
  const authority = certificates.find((certificate) => isNamed(certificate, attribute));
  const isWhole =
    messageDigest !== undefined &&
    type !== undefined &&
    Buffer.from(AsnConvert.parse(messageDigest, OctetString).buffer).equals(
      digestOf(algorithm, Buffer.from(content.buffer)),
    ) &&
    fromBER(type).result.toString().includes(id_ct_tstInfo);
  if (!isWhole || authority === undefined || !isSid(signer, authority)) throw wrong;
  if (!fits(signer, algorithm, authority.publicKey, raw)) throw wrong;
  return authority;
}

/** What is signed: the set of attributes, and not the tag that it has inside the signer's information. */
function signedAttributes(signer: SignerInfo): Buffer | undefined {
  const { result } = fromBER(AsnConvert.serialize(signer));
  const part = (result as Sequence).valueBlock.value.find(
    ({ idBlock }) => idBlock.tagClass === contextSpecific && idBlock.tagNumber === 0,
  );
  if (part === undefined) return undefined;
  const octets = Buffer.from(part.valueBeforeDecodeView);
  octets[0] = 0x31;
  return octets;
}

/** The signer is named by issuer and serial number of that very certificate. */
function isSid({ sid }: SignerInfo, authority: X509Certificate): boolean {
  const { issuerAndSerialNumber: named } = sid;
  if (named === undefined) return false;
  const serial = Buffer.from(named.serialNumber).toString("hex").replace(/^0+/, "").toUpperCase();
  const issuer = Buffer.from(AsnConvert.serialize(named.issuer));
  return serial === authority.serialNumber.replace(/^0+/, "") && authority.raw.includes(issuer);
}

/** ESSCertID and ESSCertIDv2: the signed digest of the certificate that signs. */
function isNamed(certificate: X509Certificate, attribute: (id: string) => ArrayBuffer | undefined): boolean {
  const [v1, v2] = [attribute(signingCertificateIds.v1), attribute(signingCertificateIds.v2)];
  const value = v2 ?? v1;
  if (value === undefined) return false;
  const parts = (node: unknown): readonly unknown[] =>
    (node as Partial<Sequence> | undefined)?.valueBlock?.value ?? [];
  const [certificates] = parts(fromBER(value).result);
  const fields = parts(parts(certificates)[0]);
  const [first] = fields;
  const names = parts(first);
  const [algorithm, hash] =
    names.length === 0
      ? [v2 === undefined ? "sha1" : "sha256", first]
      : [digests[String(names[0]).replace(/^.*: /, "")], fields[1]];
  const octets = (hash as { valueBlock?: { valueHexView?: Uint8Array } } | undefined)?.valueBlock
    ?.valueHexView;
  return (
    algorithm !== undefined && octets !== undefined && digestOf(algorithm, certificate.raw).equals(octets)
  );
}

function fits(
  { signatureAlgorithm, signature }: SignerInfo,
  algorithm: string,
  key: KeyObject,
  message: Buffer,
): boolean {
  const implied = signatures[signatureAlgorithm.algorithm] ?? algorithm;
  return implied === algorithm && verify(algorithm, message, key, Buffer.from(signature.buffer));
}
