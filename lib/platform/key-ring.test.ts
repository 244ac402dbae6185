import { createCipheriv, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKey, type KeyRing, parseKeyRing, SealError, type SealFault, seal, unseal } from "./key-ring";

const ring: KeyRing = [
  { id: "2026.11", key: randomBytes(32) },
  { id: "1", key: randomBytes(32) },
];
const place = "user:row";
const secret = Buffer.from("JBSWY3DPEHPK3PXP");

function faultOf(work: () => unknown): SealFault | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof SealError) return error.fault;
    throw error;
  }
}

describe("sealing", () => {
  it("opens again whatever was sealed, for whatever place", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: "binary" }), (bytes, anyPlace) => {
        expect(unseal(ring, seal(ring, Buffer.from(bytes), anyPlace), anyPlace)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("opens what AES-256-GCM of another hand sealed in the same form", () => {
    const { id, key } = ring[1]!;
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(place));
    const body = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    const sealed = `v1.${id}.${nonce.toString("base64url")}.${body.toString("base64url")}`;
    expect(unseal(ring, sealed, place)).toEqual(secret);
  });

  it("never seals twice alike, and shows no content", () => {
    const texts = Array.from({ length: 100 }, () => seal(ring, secret, place));
    expect(new Set(texts).size).toBe(100);
    expect(texts.join()).not.toContain(secret.toString());
  });

  it("seals with the first key and opens with every key of the ring, so that keys can be rotated", () => {
    const old = seal(ring.slice(1), secret, place);
    expect(old).toMatch(/^v1\.1\./);
    expect(unseal(ring, old, place)).toEqual(secret);
    expect(seal(ring, secret, place)).toMatch(/^v1\.2026\.11\./);
  });
});

describe("what does not open", () => {
  it("another place: a row moved to another user (database writer)", () => {
    const sealed = seal(ring, secret, "maya:app");
    expect(faultOf(() => unseal(ring, sealed, "theo:app"))).toBe("tampered");
  });

  it("any single changed bit", () => {
    const sealed = seal(ring, secret, place);
    const parts = sealed.split(".");
    for (const [index, part] of parts.slice(-2).entries()) {
      const bytes = Buffer.from(part, "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const text = [
          ...parts.slice(0, -2),
          ...parts.slice(-2).with(index, changed.toString("base64url")),
        ].join(".");
        expect(faultOf(() => unseal(ring, text, place))).toBe("tampered");
      }
    }
  });

  it("a shortened tag", () => {
    const [body, ...rest] = seal(ring, Buffer.alloc(0), place).split(".").reverse();
    const short = Buffer.from(body!, "base64url").subarray(0, 12).toString("base64url");
    expect(faultOf(() => unseal(ring, [short, ...rest].reverse().join("."), place))).toBe("malformed");
  });

  it("a key that left the ring, and an empty ring", () => {
    const sealed = seal(ring, secret, place);
    expect(faultOf(() => unseal(ring.slice(1), sealed, place))).toBe("unknown-key");
    expect(faultOf(() => unseal([], sealed, place))).toBe("unknown-key");
    expect(faultOf(() => seal([], secret, place))).toBe("unknown-key");
  });

  it("another spelling of the same bytes", () => {
    // 17 bytes: the last symbol has two spare bits, which base64 decoders ignore.
    const sealed = seal(ring, Buffer.from("x"), place);
    const symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = symbols[symbols.indexOf(sealed.at(-1)!) ^ 1]!;
    for (const other of [
      `${sealed.slice(0, -1)}${last}`,
      `${sealed}=`,
      `${sealed}\n`,
      ` ${sealed}`,
      sealed.replace("v1", "V1"),
    ]) {
      expect(
        faultOf(() => unseal(ring, other, place)),
        other,
      ).toBe("malformed");
    }
  });

  it("anything else, without another error than SealError", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, anyPlace) => {
        expect(faultOf(() => unseal(ring, text, anyPlace))).not.toBeNull();
        expect(faultOf(() => unseal(ring, `v1.1.${text}`, anyPlace))).not.toBeNull();
      }),
    );
  });

  it("says so without content, key or the text itself", () => {
    const error = new SealError("tampered");
    expect(`${error.name}: ${error.message}`).toBe(
      "SealError: Sealed text was changed, or belongs elsewhere",
    );
  });
});

describe("a written ring", () => {
  it("is read with the current key first", () => {
    const written = ring.map(({ id, key }) => `${id}:${key.toString("base64")}`).join(", ");
    expect(parseKeyRing(written)).toEqual(ring);
  });

  it.each(["", "1", "1:", "1:c2hvcnQ=", `a b:${randomBytes(32).toString("base64")}`])(
    "is refused when it reads %j",
    (text) => {
      expect(() => parseKeyRing(text)).toThrow(/^A key ring is/);
    },
  );
});

type WycheproofCase = {
  tcId: number;
  key: string;
  iv: string;
  aad: string;
  msg: string;
  ct: string;
  tag: string;
  result: string;
};
type Wycheproof = {
  testGroups: { ivSize: number; keySize: number; tagSize: number; tests: WycheproofCase[] }[];
};
const vectors = fileURLToPath(
  new URL("../../../shared/vectors/wycheproof/aes_gcm_test.json", import.meta.url),
);

// Only where the published vectors are at hand.
if (existsSync(vectors))
  describe("Wycheproof's AES-GCM cases", () => {
    it("open where valid, and are tampered where not", () => {
      const { testGroups } = JSON.parse(readFileSync(vectors, "utf8")) as Wycheproof;
      const ours = testGroups.filter(
        (group) => group.ivSize === 96 && group.keySize === 256 && group.tagSize === 128,
      );
      const bytes = (hex: string) => Buffer.from(hex, "hex");
      // Our additional data is text: only those whose data is text, too.
      const cases = ours
        .flatMap((group) => group.tests)
        .filter(({ aad }) => Buffer.from(bytes(aad).toString()).equals(bytes(aad)));
      expect(cases.length).toBeGreaterThan(10);
      for (const { tcId, key, iv, aad, msg, ct, tag, result } of cases) {
        const sealed = `v1.w.${bytes(iv).toString("base64url")}.${bytes(ct + tag).toString("base64url")}`;
        const open = () => unseal([{ id: "w", key: bytes(key) }], sealed, bytes(aad).toString());
        if (result === "valid") expect(open(), `case ${tcId}`).toEqual(bytes(msg));
        else expect(faultOf(open), `case ${tcId}`).toBe("tampered");
      }
    });
  });

describe("deriveKey", () => {
  it("gives each purpose its own key, always the same one", () => {
    expect(deriveKey("secret", "a")).toEqual(deriveKey("secret", "a"));
    expect(deriveKey("secret", "a")).not.toEqual(deriveKey("secret", "b"));
    expect(deriveKey(Buffer.from("secret"), "a", 64)).toHaveLength(64);
  });
});
