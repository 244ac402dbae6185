/** Ed25519 (RFC 8032 § 5.1): −x² + y² = 1 + d·x²·y² over the integers modulo p. */
const p = 2n ** 255n - 19n;
const d = mod(-121665n * inverse(121666n));

/**
 * Whether 32 bytes are a public key that only its owner can sign for: a canonical y below p, a point on the curve,
 * and not one of the eight points of small order. With one of those anybody forges a signature that verifies for
 * every message, as with an RSA exponent of 1, and node:crypto imports them without complaint (threats.md 15).
 * The key is public, so the arithmetic need not be of constant time.
 */
export function isSoundEd25519Point(encoded: Uint8Array): boolean {
  if (encoded.length !== 32) return false;
  const y = littleEndian(encoded) & (2n ** 255n - 1n);
  if (y >= p) return false;
  const xSquared = xSquaredOf(y);
  return isSquare(xSquared) && !hasSmallOrder(y);
}

/** Only the neutral point has y = 1, and 8·P is it just when P's order divides 8: double three times. */
function hasSmallOrder(y: bigint): boolean {
  return doubleY(doubleY(doubleY(y))) === 1n;
}

/** y of 2·P from y of P (RFC 8032 § 5.1.4 with P = Q); x enters as its square alone. */
function doubleY(y: bigint): bigint {
  const ySquared = mod(y * y);
  const xSquared = xSquaredOf(y);
  return mod((ySquared + xSquared) * inverse(2n + xSquared - ySquared));
}

function xSquaredOf(y: bigint): bigint {
  const ySquared = mod(y * y);
  return mod((ySquared - 1n) * inverse(d * ySquared + 1n));
}

/** Euler's criterion. */
function isSquare(value: bigint): boolean {
  return value === 0n || power(value, (p - 1n) / 2n) === 1n;
}

function inverse(value: bigint): bigint {
  return power(mod(value), p - 2n);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if (rest & 1n) result = mod(result * square);
  }
  return result;
}

function mod(value: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}
