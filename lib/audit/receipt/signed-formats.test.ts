import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CompactRange, hashLeaf, inclusionProof } from "@/lib/audit/log/merkle";
import { type Cbor, encodeCbor } from "@/lib/step-up/factors/passkey/encode-cbor";
import { visible } from "./show-receipt";
import {
  decodeCbor,
  fromBase64,
  fromBase64url,
  fromHex,
  isEd25519,
  isInTree,
  parseCanonical,
  parseCheckpoint,
  parseVerifierKey,
  rawFromDer,
} from "./signed-formats";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

describe("CBOR", () => {
  const leaf = fc.oneof(
    fc.integer({ min: -(2 ** 32), max: 2 ** 32 - 1 }),
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  );

  it("is read as it was written", () => {
    const map = fc.array(fc.tuple(fc.integer({ min: -70_000, max: 70_000 }), leaf), { maxLength: 30 });
    fc.assert(
      fc.property(map, (members) => {
        const written = new Map<number, Cbor>(members);
        const read = decodeCbor(new Uint8Array(encodeCbor(written))) as Map<number, unknown>;
        const plain = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value) : value);
        expect([...read].map(([key, value]) => [key, plain(value)])).toEqual([...written]);
      }),
    );
  });

  it.each([
    ["nothing", ""],
    ["a map cut short", "a101"],
    ["bytes cut short", "4401"],
    ["a longer form of a small number", "1801"],
    ["a longer form of 255", "1900ff"],
    ["a longer form of 65535", "1a0000ffff"],
    ["a number of 64 bits", "1b0000000100000000"],
    ["bytes of no stated length", "5f4101ff"],
    ["a map of no stated length", "bf0102ff"],
    ["a list", "8101"],
    ["a tag", "c001"],
    ["true", "f5"],
    ["a fraction", "f93c00"],
    ["a map in a map", "a101a10203"],
    ["a member twice", "a201020103"],
    ["bytes for a name", "a1410101"],
    ["something after it", "a1010200"],
    ["text that is no UTF-8", "61ff"],
  ])("refuses %s", (_, hex) => {
    expect(() => decodeCbor(bytes(hex))).toThrow();
  });
});

describe("an ECDSA signature in DER", () => {
  it("becomes the same two numbers, whatever zeros they begin with", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const lengths = new Set<number>();
    for (let round = 0; round < 600; round += 1) {
      const data = randomBytes(8);
      const der = sign("sha256", data, privateKey);
      lengths.add(der.length);
      const raw = rawFromDer(new Uint8Array(der));
      expect(raw).toHaveLength(64);
      expect(verify("sha256", data, { key: publicKey, dsaEncoding: "ieee-p1363" }, raw)).toBe(true);
    }
    // Numbers shorter than the curve's 32 bytes were among them.
    expect(lengths.size).toBeGreaterThan(2);
  });

  it.each([
    ["nothing", ""],
    ["no sequence", "0203010203"],
    ["another length", "3007020101020102"],
    ["one number", "3003020101"],
    ["a third number", "3009020101020102020103"],
    ["a number without digits", "30050200020102"],
    ["a negative number", "3006020181020102"],
    ["a number in a longer form", "300702020001020102"],
    ["zero", "3006020100020102"],
    ["a number of 33 bytes", `3026022101${"11".repeat(32)}020101`],
    ["a number that ends outside", "3006020101020901"],
  ])("of %s is refused", (_, hex) => {
    expect(() => rawFromDer(bytes(hex))).toThrow();
  });
});

describe("texts", () => {
  it.each(["AA", "AB==", "AA==\n", " AA==", "A-==", "AAAA=", "!"])(
    "in base64 have one spelling, not %j",
    (text) => {
      expect(() => fromBase64(text)).toThrow();
    },
  );

  it.each(["AB", "AA==", "A+", "A/", "A A", "A"])("in base64url have one spelling, not %j", (text) => {
    expect(() => fromBase64url(text)).toThrow();
  });

  it.each(["0", "0G", "AB", "0x"])("in hexadecimal have one spelling, not %j", (text) => {
    expect(() => fromHex(text)).toThrow();
  });

  it("come back from base64 and base64url", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (data) => {
        expect(Buffer.from(fromBase64(Buffer.from(data).toString("base64")))).toEqual(Buffer.from(data));
        expect(Buffer.from(fromBase64url(Buffer.from(data).toString("base64url")))).toEqual(
          Buffer.from(data),
        );
      }),
    );
  });

  it("of JSON are read in the form that the server writes, whatever the names", () => {
    const value = fc.dictionary(
      fc.string({ unit: "binary-ascii" }),
      fc.jsonValue({ noUnicodeString: false }),
    );
    fc.assert(
      fc.property(value, (members) => {
        const text = canonicalize({ ...members, format: "f" }) ?? "";
        expect(canonicalize(parseCanonical(text, "f"))).toBe(text);
      }),
    );
  });

  it.each([
    '{"format":"g"}',
    '{ "format":"f"}',
    '{"format":"f","a":1}',
    '{"format":"f","format":"f"}',
    '{"a":1.0,"format":"f"}',
    '{"a":"\\u0041","format":"f"}',
    '{"a":"\ud800","format":"f"}',
    '["f"]',
    "null",
    "",
  ])("of JSON in another form are refused: %s", (text) => {
    expect(() => parseCanonical(text, "f")).toThrow();
  });

  it("show marks that turn or hide letters, and leave the scripts of people alone", () => {
    expect(visible("Theo\u202Edt\u200B\u2066\u2028\u0007\uFEFF\u{E0041}")).toBe(
      "Theo[U+202E]dt[U+200B][U+2066][U+2028][U+0007][U+FEFF][U+E0041]",
    );
    for (const text of ["שלום", "नमस्ते क्‍ष", "👩‍👩‍👧", "Žluťoučký", "a\u00a0b"])
      expect(visible(text)).toBe(text);
  });
});

describe("the log", () => {
  it("that was published verifies: key, note and signature of the Go checksum database", async () => {
    const key = await parseVerifierKey(
      "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    );
    const { text, signatures, head } = parseCheckpoint(
      "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
        "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n",
    );
    expect(head).toMatchObject({ origin: "go.sum database tree", size: 20852163 });
    const signature = signatures[0]!.bytes.slice(4);
    expect(await isEd25519(key.publicKey, signature, new TextEncoder().encode(text))).toBe(true);
    expect(await isEd25519(key.publicKey, signature, new TextEncoder().encode(`${text} `))).toBe(false);
  });

  it("proves each leaf of each small tree, as the server does", async () => {
    const range = CompactRange.empty();
    const stored = new Map<string, Buffer>();
    for (let size = 1; size <= 20; size += 1) {
      for (const { level, index, hash } of range.push(hashLeaf(Buffer.from(`${size - 1}`)))) {
        stored.set(`${level}/${index}`, hash);
      }
      const head = { size, root: new Uint8Array(range.root()) };
      for (let index = 0; index < size; index += 1) {
        const path = await inclusionProof(index, size, async (all) =>
          all.map(({ level, index }) => stored.get(`${level}/${index}`)!),
        );
        const row = { leaf: `${index}`, index, proof: path.map((hash) => hash.toString("base64")) };
        expect(await isInTree(row, head)).toBe(true);
        expect(await isInTree({ ...row, leaf: "x" }, head)).toBe(false);
        expect(
          await isInTree(
            { ...row, proof: [...row.proof, row.proof[0] ?? randomBytes(32).toString("base64")] },
            head,
          ),
        ).toBe(false);
      }
    }
  });
});
