import { decodeCredentialPublicKey } from "@simplewebauthn/server/helpers";
import { algorithms } from "./public-key";

/**
 * Whether a signature stands in its one spelling: for ES256 two positive numbers in DER (RFC 3279 § 2.2.3, WebAuthn L3
 * § 6.5.5), and nothing else. The library reads looser ones, too, which a receipt refuses: who signs like that could
 * say afterwards that they never did. The others' bytes have one spelling anyway. `cose`: the key, sound.
 */
export function hasOneSpelling(cose: Uint8Array<ArrayBuffer>, signature: Buffer): boolean {
  const key = decodeCredentialPublicKey(cose) as unknown as Map<number, unknown>;
  if (key.get(3) !== algorithms.es256) return true;
  if (signature[0] !== 0x30 || signature[1] !== signature.length - 2 || signature.length >= 0x80)
    return false;
  const afterR = endOfNumber(signature, 2);
  return afterR !== null && endOfNumber(signature, afterR) === signature.length;
}

/** Where a positive DER number in its shortest form ends; null where there is none. */
function endOfNumber(der: Buffer, at: number): number | null {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== 2 || length === 0 || end > der.length) return null;
  const [first = 0, second = 0] = der.subarray(at + 2, end);
  // A zero in front is there to keep the number positive, and for nothing else.
  const isShortest = first < 0x80 && (first !== 0 || (length > 1 && second >= 0x80));
  return isShortest ? end : null;
}
