import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isSoundEd25519Point } from "./edwards-point";

const point = (hex: string) => Buffer.from(hex, "hex");

/** The eight points of small order, and other spellings of them with y ≥ p or the sign of x = 0 set. */
const smallOrder = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

describe("a point for an Ed25519 key", () => {
  it("is sound when a real key pair has it", () => {
    for (let n = 0; n < 20; n++) {
      const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
      expect(isSoundEd25519Point(Buffer.from(x!, "base64url"))).toBe(true);
    }
  });

  it.each([
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "5866666666666666666666666666666666666666666666666666666666666666",
  ])("is sound in RFC 8032: %s", (hex) => {
    expect(isSoundEd25519Point(point(hex))).toBe(true);
  });

  it.each(smallOrder)("is refused where its order is small: %s", (hex) => {
    expect(isSoundEd25519Point(point(hex))).toBe(false);
  });

  it("of small order would let anybody sign: the reason for the rule", () => {
    // R = the neutral point and S = 0 satisfy S·B = R + k·A for A neutral, whatever the message.
    const x = point(smallOrder[0]!).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    const forged = Buffer.concat([point(smallOrder[0]!), Buffer.alloc(32)]);
    expect(verify(null, Buffer.from("pay the attacker"), key, forged)).toBe(true);
  });

  it("is refused off the curve: about half of all values of y", () => {
    const sound = Array.from({ length: 200 }, (_, y) => {
      const bytes = Buffer.alloc(32);
      bytes.writeUInt16LE(y + 2);
      return isSoundEd25519Point(bytes);
    }).filter(Boolean).length;
    expect(sound).toBeGreaterThan(60);
    expect(sound).toBeLessThan(140);
  });

  it.each([0, 31, 33])("is refused with %d bytes", (length) => {
    expect(isSoundEd25519Point(Buffer.alloc(length, 9))).toBe(false);
  });
});
