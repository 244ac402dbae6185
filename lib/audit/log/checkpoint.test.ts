import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CheckpointError,
  fingerprintOf,
  openCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  signingKey,
  verifierKeyOf,
} from "./checkpoint";

const origin = "keyturn.example/audit";
const key = signingKey(randomBytes(32));
const vkey = verifierKeyOf(origin, key);
const head = { origin, size: 70, root: randomBytes(32) };
const note = signCheckpoint(head, key);
const [text, signatureLine] = note.split("\n\n") as [string, string];

/** The published head of the Go checksum database that the specification's example is taken from, and its key. */
const published = {
  vkey: "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
  note:
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
    "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n",
};

function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof CheckpointError) return error.fault;
    throw error;
  }
  return "none";
}
const open = (text: string, by = vkey) => faultOf(() => openCheckpoint(text, by));

/** A note of this text with a good signature by our key, made without the code that is tested. */
function signed(content: string, by = key, name = origin): string {
  const raw = createPublicKey(by).export({ format: "der", type: "spki" }).subarray(-32);
  const id = createHash("sha256")
    .update(Buffer.concat([Buffer.from(`${name}\n\u0001`), raw]))
    .digest();
  const bytes = Buffer.concat([id.subarray(0, 4), sign(null, Buffer.from(content), by)]);
  return `${content}\n— ${name} ${bytes.toString("base64")}\n`;
}

describe("a verifier key", () => {
  it("of the Go package's documentation comes out of its secret key", () => {
    const secret = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    expect(verifierKeyOf("PeterNeumann", signingKey(Buffer.from(secret, "base64").subarray(1)))).toBe(
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    );
  });

  it("is read as it was written", () => {
    expect(parseVerifierKey(vkey)).toMatchObject({ name: origin });
    expect(parseVerifierKey(published.vkey).keyId.toString("hex")).toBe("033de0ae");
  });

  const [name, id, encoded] = vkey.split(/\+(.{8})\+(.*)/) as [string, string, string];
  const typed = Buffer.from(encoded, "base64");
  it.each<[string, string]>([
    ["nothing", ""],
    ["no name", `+${id}+${encoded}`],
    ["another name", `other.example/audit+${id}+${encoded}`],
    ["a name with a space", `key turn+${id}+${encoded}`],
    ["a name with a plus", `key+turn+${id}+${encoded}`],
    ["another id", `${name}+00000000+${encoded}`],
    ["an id in capitals", `${name}+${id.toUpperCase()}G+${encoded}`],
    ["no key", `${name}+${id}+`],
    ["a short key", `${name}+${id}+${typed.subarray(0, 32).toString("base64")}`],
    ["another type", `${name}+${id}+${Buffer.concat([Buffer.of(2), typed.subarray(1)]).toString("base64")}`],
    ["base64 of another alphabet", `${name}+${id}+${typed.toString("base64url")}-`],
    ["a newline", `${vkey}\n`],
  ])("with %s is refused", (_, other) => {
    expect(faultOf(() => parseVerifierKey(other))).toBe("malformed-key");
    expect(open(note, other)).toBe("malformed-key");
  });

  it("is not made for a name that a note can't carry, another kind of key, or a short seed", () => {
    expect(() => verifierKeyOf("a b", key)).toThrow(RangeError);
    expect(() => verifierKeyOf("a+b", key)).toThrow(RangeError);
    expect(() => verifierKeyOf("", key)).toThrow(RangeError);
    expect(() => verifierKeyOf(origin, generateKeyPairSync("x25519").privateKey)).toThrow(RangeError);
    expect(() => signingKey(randomBytes(31))).toThrow(RangeError);
  });

  it("has a fingerprint that people compare", () => {
    expect(fingerprintOf(vkey).replaceAll(" ", "")).toBe(createHash("sha256").update(vkey).digest("hex"));
    expect(fingerprintOf(vkey)).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
  });
});

describe("a checkpoint", () => {
  it("is the text that the specification gives, spelt out", () => {
    expect(note).toBe(signed(`${origin}\n70\n${head.root.toString("base64")}\n`));
    expect(openCheckpoint(note, vkey)).toEqual(head);
    expect(openCheckpoint(signCheckpoint({ ...head, size: 0 }, key), vkey).size).toBe(0);
  });

  it("that was published verifies, and is not taken for that of a log with the key's name", () => {
    expect(open(published.note, published.vkey)).toBe("other-log");
    expect(open(published.note.replace("20852163", "20852164"), published.vkey)).toBe("bad-signature");
    expect(open(published.note)).toBe("unknown-key");
  });

  it("is not signed for what is no tree's head", () => {
    for (const size of [-1, 1.5, 2 ** 53])
      expect(() => signCheckpoint({ ...head, size }, key)).toThrow(RangeError);
    expect(() => signCheckpoint({ ...head, root: randomBytes(20) }, key)).toThrow(RangeError);
    expect(() => signCheckpoint({ ...head, origin: "a\nb" }, key)).toThrow(RangeError);
  });

  it("opens with extension lines, and beside signatures of other keys, however strange", () => {
    const extended = signed(`${text}\nan extension\nanother\n`);
    expect(openCheckpoint(extended, vkey)).toEqual(head);
    const others = [
      "— witness.example AAAAAAE=",
      `— witness.example ${randomBytes(5000).toString("base64")}`,
      // Our name with another id, our id with another name: unknown, both.
      `— ${origin} ${randomBytes(68).toString("base64")}`,
      signatureLine.trim().replace(origin, "other.example/audit"),
    ];
    expect(
      openCheckpoint(`${text}\n\n${[...others, signatureLine.trim(), ...others].join("\n")}\n`, vkey),
    ).toEqual(head);
    expect(open(`${text}\n\n${others.join("\n")}\n`)).toBe("unknown-key");
  });

  it("needs each signature of the known key to fit", () => {
    const bytes = Buffer.from(signatureLine.trim().split(" ")[2]!, "base64");
    bytes[20]! ^= 1;
    const bad = `— ${origin} ${bytes.toString("base64")}\n`;
    expect(open(`${text}\n\n${bad}`)).toBe("bad-signature");
    expect(open(`${note}${bad}`)).toBe("bad-signature");
    const short = `— ${origin} ${bytes.subarray(0, 40).toString("base64")}\n`;
    expect(open(`${text}\n\n${short}`)).toBe("bad-signature");
  });

  it("is refused with another size, root or origin than was signed", () => {
    expect(open(note.replace("\n70\n", "\n71\n"))).toBe("bad-signature");
    expect(open(note.replace(head.root.toString("base64"), randomBytes(32).toString("base64")))).toBe(
      "bad-signature",
    );
    expect(open(note.replace(origin, "other.example"))).toBe("bad-signature");
    expect(open(note, verifierKeyOf(origin, signingKey(randomBytes(32))))).toBe("unknown-key");
  });

  it("is another log's when the key signed for another origin", () => {
    expect(open(signed(text.replace(origin, "other.example/audit").concat("\n")))).toBe("other-log");
  });

  const root = head.root.toString("base64");
  it.each<[string, string]>([
    ["nothing", ""],
    ["no signature", `${text}\n`],
    ["no signature after the empty line", `${text}\n\n`],
    ["no empty line", `${text}\n${signatureLine}`],
    ["no final newline", note.slice(0, -1)],
    ["an empty line at the end", `${note}\n`],
    ["a hyphen for the dash", note.replace("—", "-")],
    ["two spaces", note.replace("— ", "—  ")],
    ["a carriage return", note.replaceAll("\n", "\r\n")],
    ["a tab in a signature", note.replace("— ", "—\t")],
    ["a control character in an extension line", signed(`${text}\nan\u0001extension\n`)],
    ["a lone surrogate", note.replace("—", "— x\ud800 AAAAAAE=\n—")],
    ["a signature that is no base64", `${text}\n\n— ${origin} ****\n`],
    ["unpadded base64", note.replace(/=*\n$/, "\n").replace(/.\n$/, "\n")],
    ["no bytes after the id", `${text}\n\n— ${origin} AAAAAA==\n`],
    ["more than anybody signs", `${note}${"— w AAAAAAE=\n".repeat(30_000)}`],
    ["a leading zero", signed(`${origin}\n070\n${root}\n`)],
    ["a sign", signed(`${origin}\n+70\n${root}\n`)],
    ["a negative size", signed(`${origin}\n-70\n${root}\n`)],
    ["a hexadecimal size", signed(`${origin}\n0x46\n${root}\n`)],
    ["no size", signed(`${origin}\n\n${root}\n`)],
    ["a size beyond whole numbers", signed(`${origin}\n9007199254740993\n${root}\n`)],
    ["a short root", signed(`${origin}\n70\n${randomBytes(31).toString("base64")}\n`)],
    ["a root in another spelling", signed(`${origin}\n70\n${root.slice(0, -1)}\n`)],
    [
      "a root with loose bits",
      signed(`${origin}\n70\n${Buffer.alloc(32).toString("base64").replace("A=", "B=")}\n`),
    ],
    ["no root", signed(`${origin}\n70\n`)],
    ["an empty extension line", signed(`${text}\n\nx\n`)],
    ["an empty origin", signed(`\n70\n${root}\n`)],
  ])("with %s is malformed", (_, other) => {
    expect(open(other)).toBe("malformed");
  });

  it("fails in no other way, whatever the bytes", () => {
    const pieces = fc.constantFrom(
      "\n",
      "\n\n",
      "— ",
      origin,
      " ",
      "70",
      root,
      signatureLine,
      text,
      "=",
      "\ud800",
      "+",
    );
    const mixed = fc
      .array(fc.oneof(pieces, fc.string({ unit: "binary" })), { maxLength: 12 })
      .map((all) => all.join(""));
    fc.assert(
      fc.property(mixed, mixed, (one, other) => {
        const fault = open(one);
        expect(fault === "none" ? openCheckpoint(one, vkey) : fault).toEqual(
          fault === "none" ? head : expect.any(String),
        );
        open(note, other);
        open(one, other);
      }),
      { numRuns: 3000 },
    );
  });

  it("of one changed character is no longer the same head", () => {
    const at = fc.nat(note.length - 1);
    fc.assert(
      fc.property(at, fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }), (position, other) => {
        const changed = note.slice(0, position) + other + note.slice(position + 1);
        if (changed !== note) expect(open(changed)).not.toBe("none");
      }),
      { numRuns: 2000 },
    );
  });
});
