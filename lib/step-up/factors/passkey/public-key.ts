import { createPublicKey, type JsonWebKey } from "node:crypto";
import { decodeCredentialPublicKey } from "@simplewebauthn/server/helpers";
import { isSoundEd25519Point } from "./edwards-point";

/** COSE algorithm ids of ES256, EdDSA (Ed25519) and RS256: what is offered and what is accepted (threats.md 15). */
export const algorithms = { es256: -7, eddsa: -8, rs256: -257 } as const;
export const algorithmIds = Object.values(algorithms);

// RFC 9052 § 7.1, RFC 9053 § 7, RFC 8230 § 4.
const keyTypes = { okp: 1, ec2: 2, rsa: 3 } as const;
const curves = { p256: 1, ed25519: 6 } as const;

const rsaBits = { least: 2048, most: 8192 };
const rsaExponent = 65_537n;

/**
 * Whether a COSE key is one that only its owner can sign for: key type and curve fit the algorithm, the point is on
 * its curve and not of small order, an RSA modulus has 2048 bits or more and the exponent is 65537 (with exponent 1
 * anybody forges; threats.md 15). No other parameters (WebAuthn L3 § 6.5.1.1). false for anything malformed.
 */
export function isSoundKey(cose: Uint8Array): boolean {
  try {
    const key: unknown = decodeCredentialPublicKey(new Uint8Array(cose));
    const jwk = key instanceof Map ? toJwk(key) : null;
    // OpenSSL refuses a P-256 point that is not on the curve.
    return jwk !== null && createPublicKey({ key: jwk, format: "jwk" }).type === "public";
  } catch {
    return false;
  }
}

function toJwk(key: Map<unknown, unknown>): JsonWebKey | null {
  const [type, algorithm] = [key.get(1), key.get(3)];
  if (type === keyTypes.ec2 && algorithm === algorithms.es256) return ecJwk(key);
  if (type === keyTypes.okp && algorithm === algorithms.eddsa) return edJwk(key);
  if (type === keyTypes.rsa && algorithm === algorithms.rs256) return rsaJwk(key);
  return null;
}

function ecJwk(key: Map<unknown, unknown>): JsonWebKey | null {
  const [x, y] = [bytes(key.get(-2)), bytes(key.get(-3))];
  if (key.size !== 5 || key.get(-1) !== curves.p256 || x?.length !== 32 || y?.length !== 32) return null;
  return { kty: "EC", crv: "P-256", x: text(x), y: text(y) };
}

function edJwk(key: Map<unknown, unknown>): JsonWebKey | null {
  const x = bytes(key.get(-2));
  if (key.size !== 4 || key.get(-1) !== curves.ed25519 || !x || !isSoundEd25519Point(x)) return null;
  return { kty: "OKP", crv: "Ed25519", x: text(x) };
}

function rsaJwk(key: Map<unknown, unknown>): JsonWebKey | null {
  const [n, e] = [bytes(key.get(-1)), bytes(key.get(-2))];
  if (key.size !== 4 || !n || !e || n.length > rsaBits.most / 8 || e.length > 8) return null;
  // One spelling (RFC 8230 § 4): a receipt takes no other.
  if (n[0] === 0 || e[0] === 0) return null;
  const modulus = numberOf(n);
  const long = modulus >= 2n ** BigInt(rsaBits.least - 1);
  // An even modulus has a known factor.
  if (!long || modulus % 2n === 0n || numberOf(e) !== rsaExponent) return null;
  return { kty: "RSA", n: text(n), e: text(e) };
}

function numberOf(bigEndian: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bigEndian).toString("hex")}`);
}

function bytes(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array ? value : null;
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString("base64url");
}
