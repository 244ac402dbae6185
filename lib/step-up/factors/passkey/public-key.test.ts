import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cbor, encodeCbor, head } from "./encode-cbor";
import { isSoundKey } from "./public-key";
import { cose, SoftwareAuthenticator } from "./software-authenticator";

const es256 = new SoftwareAuthenticator("es256").publicKey();
const eddsa = new SoftwareAuthenticator("eddsa").publicKey();
const rs256 = new SoftwareAuthenticator("rs256").publicKey();

function rsa(modulusLength: number, publicExponent = 65_537): Map<number, Cbor> {
  const { n, e } = generateKeyPairSync("rsa", { modulusLength, publicExponent }).publicKey.export({
    format: "jwk",
  });
  return cose([1, 3], [3, -257], [-1, Buffer.from(n!, "base64url")], [-2, Buffer.from(e!, "base64url")]);
}

const changed = (key: Map<number, Cbor>, ...members: [number, Cbor][]) => new Map([...key, ...members]);
const without = (key: Map<number, Cbor>, label: number) => new Map([...key].filter(([one]) => one !== label));
const bytesOf = (key: Map<number, Cbor>, label: number) => Buffer.from(key.get(label) as Buffer);
const bumped = (bytes: Buffer) => bytes.fill(bytes.at(-1)! ^ 1, bytes.length - 1);

describe("a sound key", () => {
  it.each([
    ["ES256", es256],
    ["EdDSA", eddsa],
    ["RS256 of 2048 bits", rs256],
    ["RS256 of 3072 bits", rsa(3072)],
  ])("is %s", (_name, key) => {
    expect(isSoundKey(encodeCbor(key))).toBe(true);
  });
});

describe("a key that others could sign for, or nobody", () => {
  it.each<[string, Map<number, Cbor>]>([
    ["an RSA exponent of 1", changed(rs256, [-2, Buffer.from([1])])],
    ["an RSA exponent of 3", rsa(2048, 3)],
    ["an RSA exponent of 65539", changed(rs256, [-2, Buffer.from([1, 0, 3])])],
    ["no RSA exponent", without(rs256, -2)],
    ["an empty RSA exponent", changed(rs256, [-2, Buffer.alloc(0)])],
    ["a giant RSA exponent", changed(rs256, [-2, Buffer.alloc(4096, 1)])],
    ["an RSA modulus of 1024 bits", rsa(1024)],
    ["an RSA modulus of 2047 bits", changed(rs256, [-1, bytesOf(rs256, -1).fill(0x7f, 0, 1)])],
    [
      "1024 bits of RSA behind zeros",
      changed(rsa(1024), [-1, Buffer.concat([Buffer.alloc(200), bytesOf(rsa(1024), -1)])]),
    ],
    [
      "zeros before an RSA modulus",
      changed(rs256, [-1, Buffer.concat([Buffer.alloc(1), bytesOf(rs256, -1)])]),
    ],
    ["zeros before an RSA exponent", changed(rs256, [-2, Buffer.from([0, 1, 0, 1])])],
    ["an even RSA modulus", changed(rs256, [-1, bumped(bytesOf(rs256, -1))])],
    ["a giant RSA modulus", changed(rs256, [-1, Buffer.alloc(20_000, 0xff)])],
    ["an RSA modulus as text", changed(rs256, [-1, "modulus"])],
    ["a P-256 point off the curve", changed(es256, [-3, bumped(bytesOf(es256, -3))])],
    ["P-256 at infinity", changed(es256, [-2, Buffer.alloc(32)], [-3, Buffer.alloc(32)])],
    ["P-256 coordinates above the field", changed(es256, [-2, Buffer.alloc(32, 0xff)])],
    ["a short P-256 coordinate", changed(es256, [-2, bytesOf(es256, -2).subarray(1)])],
    ["a compressed P-256 point", changed(es256, [-3, true])],
    ["no y", without(es256, -3)],
    ["Ed25519 of small order", changed(eddsa, [-2, Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])])],
    ["a short Ed25519 key", changed(eddsa, [-2, bytesOf(eddsa, -2).subarray(1)])],
  ])("%s", (_what, key) => {
    expect(isSoundKey(encodeCbor(key))).toBe(false);
  });
});

describe("a key whose type and algorithm don't go together", () => {
  it.each<[string, Map<number, Cbor>]>([
    ["ES256 called RS256", changed(es256, [3, -257])],
    ["ES256 called EdDSA", changed(es256, [3, -8])],
    ["RS256 called ES256", changed(rs256, [3, -7])],
    ["EdDSA called ES256", changed(eddsa, [3, -7])],
    ["ES256 of an RSA type", changed(es256, [1, 3])],
    ["ES256 on P-384", changed(es256, [-1, 2])],
    ["ES256 on secp256k1", changed(es256, [-1, 8])],
    ["EdDSA on Ed448", changed(eddsa, [-1, 7])],
    ["EdDSA on X25519", changed(eddsa, [-1, 4])],
    ["RS1 (SHA-1)", changed(rs256, [3, -65_535])],
    ["PS256", changed(rs256, [3, -37])],
    ["a symmetric key", cose([1, 4], [3, 5], [-1, Buffer.alloc(32)])],
    ["no type", without(es256, 1)],
    ["no algorithm", without(es256, 3)],
    ["an algorithm as text", changed(es256, [3, "ES256"])],
    ["another parameter (WebAuthn § 6.5.1.1)", changed(es256, [2, Buffer.from("kid")])],
  ])("%s", (_what, key) => {
    expect(isSoundKey(encodeCbor(key))).toBe(false);
  });
});

describe("what is no key at all", () => {
  it.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["a number", encodeCbor(7)],
    ["a list", encodeCbor([1, 2])],
    ["half a key", encodeCbor(es256).subarray(0, 40)],
    ["a list that says it has four thousand million members", head(4, 0xffff_ffff)],
    [
      "bytes that say they are four thousand million",
      Buffer.concat([head(5, 1), head(0, 1), head(2, 0xffff_ffff)]),
    ],
    ["ten thousand lists in one another", Buffer.alloc(10_000, 0x81)],
    ["ten thousand maps in one another", Buffer.alloc(20_000, Buffer.from([0xa1, 0x01]))],
    ["a length of 64 bits", Buffer.from("5bffffffffffffffff", "hex")],
    ["an unfinished length", Buffer.from("a5011b", "hex")],
  ])("%s", (_what, bytes) => {
    expect(isSoundKey(bytes)).toBe(false);
  });

  it("answers false for any bytes, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(isSoundKey(bytes)).toBe(false);
      }),
    );
  });
});
