import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface Certificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. Clients trust the server when they are given it as their authority. */
  readonly cert: string;
}

const OID_ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const OID_COMMON_NAME = [0x55, 0x04, 0x03];
const OID_SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];

const YEAR_MS = 365 * 86_400_000;

/** Makes a certificate for a host name (RFC 5280), as Node itself cannot; valid for two years. */
export function createSelfSigned(host: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(0x30, der(0x06, OID_ECDSA_WITH_SHA256));
  const content = describe(host, algorithm, publicKey);
  const signature = sign("sha256", content, privateKey);
  const certificate = der(0x30, content, algorithm, der(0x03, [0], signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
  };
}

/** The part that is signed: version 3, serial number, who, until when, which key, which host. */
function describe(host: string, algorithm: Buffer, publicKey: KeyObject): Buffer {
  const name = der(
    0x30,
    der(0x31, der(0x30, der(0x06, OID_COMMON_NAME), der(0x0c, Buffer.from(host)))),
  );
  const altName = der(0x30, der(0x82, Buffer.from(host)));
  const extension = der(0x30, der(0x06, OID_SUBJECT_ALT_NAME), der(0x04, altName));
  return der(
    0x30,
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    algorithm,
    name,
    der(0x30, time(Date.now() - YEAR_MS), time(Date.now() + YEAR_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, extension)),
  );
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, "");
  return der(0x18, Buffer.from(digits));
}

/** A value in the distinguished encoding (X.690 §10): tag, length, content. */
function der(tag: number, ...parts: (Buffer | number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = content.length;
  const prefix =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...prefix]), content]);
}
