import { createPublicKey, type JsonWebKey } from "node:crypto";
import { decodeCredentialPublicKey } from "@simplewebauthn/server/helpers";
import { algorithms } from "./relying-party";

const shortestRsaBytes = 256;
const rsaExponent = 65_537;

/**
 * Whether a COSE key is one that can be trusted to verify: key type fits the algorithm, the point is on its curve,
 * an RSA modulus has at least 2048 bits and the exponent is 65537 (with exponent 1 anybody forges; threats.md 15).
 * Answers false for anything malformed.
 */
export function isSoundKey(cose: Uint8Array): boolean {
  try {
    const jwk = toJwk(decodeCredentialPublicKey(new Uint8Array(cose)) as unknown as Map<number, unknown>);
    if (!jwk) return false;
    // OpenSSL refuses a point that is not on the curve.
    createPublicKey({ key: jwk, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function toJwk(key: Map<number, unknown>): JsonWebKey | null {
  const [kty, alg] = [key.get(1), key.get(3)];
  if (kty === 2 && alg === algorithms.es256 && key.get(-1) === 1) {
    const [x, y] = [bytes(key.get(-2)), bytes(key.get(-3))];
    return x?.length === 32 && y?.length === 32 ? { kty: "EC", crv: "P-256", x: text(x), y: text(y) } : null;
  }
  if (kty === 1 && alg === algorithms.eddsa && key.get(-1) === 6) {
    const x = bytes(key.get(-2));
    return x?.length === 32 ? { kty: "OKP", crv: "Ed25519", x: text(x) } : null;
  }
  if (kty === 3 && alg === algorithms.rs256) {
    const [n, e] = [bytes(key.get(-1)), bytes(key.get(-2))];
    if (!n || !e || !isLongEnough(n) || numberOf(e) !== rsaExponent) return null;
    return { kty: "RSA", n: text(n), e: text(e) };
  }
  return null;
}

function isLongEnough(modulus: Uint8Array): boolean {
  const first = modulus.findIndex((byte) => byte !== 0);
  const significant = modulus.subarray(first < 0 ? modulus.length : first);
  return significant.length > shortestRsaBytes || (significant.length === shortestRsaBytes && (significant[0] ?? 0) >= 0x80);
}

function numberOf(big: Uint8Array): number {
  return big.reduce((value, byte) => value * 256 + byte, 0);
}

function bytes(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array ? value : null;
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString("base64url");
}
