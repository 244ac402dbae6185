import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { signCheckpoint, signingKey, verifierKeyOf } from "@/lib/audit/log/checkpoint";
import { encodeCbor } from "@/lib/step-up/factors/passkey/encode-cbor";
import { cose, SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import { logKey, logName, makeReceipt, type Wrong } from "@/lib/testing/receipts";
import type { CheckName, ReceiptData } from "./receipt-data";
import { verifyReceipt } from "./verify-receipt";

const algorithms = ["es256", "eddsa", "rs256"] as const;
const signedChecks: CheckName[] = [
  "readable",
  "checkpoint-signature",
  "row-in-log",
  "allowed",
  "opening-matches",
  "words-match",
  "passkey-signature",
  "challenge",
  "client-data",
  "rp-id",
  "user-verified",
  "enrolment-in-log",
  "same-passkey",
];

async function failuresOf(data: unknown): Promise<CheckName[]> {
  const { verdict, checks } = await verifyReceipt(data);
  const failed = checks.filter(({ result }) => result === "failed").map(({ name }) => name);
  expect(verdict.kind === "broken").toBe(failed.length > 0);
  if (failed.length > 0) expect(verdict.sentence).toMatch(/^Do not trust this receipt: /);
  return failed;
}

const failuresWith = async (wrong: Wrong) => failuresOf(await makeReceipt(wrong));
const undoneOf = async (data: unknown) =>
  (await verifyReceipt(data)).checks.filter(({ result }) => result === "not-done").map(({ name }) => name);

/** Another text of the same form: its last letter or digit but one is another. */
const other = (text: string) =>
  text.replace(/[A-Za-z0-9](?=[A-Za-z0-9]{3})/, (found) => (found === "A" ? "B" : found === "7" ? "6" : "7"));

describe("a good receipt", () => {
  it.each(algorithms)("fits, signed with %s", async (algorithm) => {
    const { verdict, checks, told } = await verifyReceipt(await makeReceipt({ algorithm }));
    expect(verdict).toEqual({
      kind: "fits",
      sentence: "Everything fits: a passkey signed exactly these words, and the log holds them.",
    });
    expect(checks.map(({ name, result }) => [name, result])).toEqual(
      signedChecks.map((name) => [name, "passed"]),
    );
    expect(told?.content?.prompt.changes).toHaveLength(2);
    expect(told?.opening?.by.name).toBe("Theo Brandt");
    expect(told?.head).toMatchObject({ origin: logName, size: 11 });
  });

  it("has a sentence of its own for each check, whatever came out", async () => {
    const passed = (await verifyReceipt(await makeReceipt())).checks.map(({ sentence }) => sentence);
    expect(new Set(passed).size).toBe(signedChecks.length);
  });

  it.each(["totp", "recovery-code", "password", "passkey"] as const)(
    "without a signature, by %s, says that nothing was signed",
    async (factor) => {
      const { verdict, checks } = await verifyReceipt(await makeReceipt({ factor }));
      expect(verdict.kind).toBe("unsigned");
      expect(verdict.sentence).toMatch(
        /^Confirmed with .+: nothing was signed by a device; the log vouches for it/,
      );
      expect(checks.map(({ name, result }) => [name, result])).toEqual([
        ["readable", "passed"],
        ["checkpoint-signature", "passed"],
        ["row-in-log", "passed"],
        ["allowed", "passed"],
        ["opening-matches", "passed"],
        ["words-match", "passed"],
        ["passkey-signature", "not-done"],
      ]);
      expect(checks.at(-1)?.sentence).toContain("there is no device's signature");
    },
  );

  it("whose personal values were erased still proves row, signature and passkey, and no word", async () => {
    const data = { ...(await makeReceipt()), opening: null };
    const { verdict, told } = await verifyReceipt(data);
    expect(verdict.kind).toBe("erased");
    expect(verdict.sentence).toBe(
      "The personal values were erased on request. What remains fits: the row is in the log, and a passkey signed.",
    );
    expect(await undoneOf(data)).toEqual(["opening-matches", "words-match", "challenge"]);
    expect(told).toMatchObject({ opening: null, content: null, isSigned: true });
  });

  it("that is erased and unsigned says both", async () => {
    const { verdict } = await verifyReceipt({ ...(await makeReceipt({ factor: "totp" })), opening: null });
    expect(verdict.kind).toBe("erased");
    expect(verdict.sentence).toContain("nothing was signed by a device");
  });

  it("whose words were not kept does not say that everything fits", async () => {
    const data = await makeReceipt({ opening: ({ content, ...opening }) => opening });
    expect((await verifyReceipt(data)).verdict.kind).toBe("incomplete");
    expect(await undoneOf(data)).toEqual(["words-match"]);
  });

  it("fits for a record that the act itself made", async () => {
    expect(await failuresWith({ content: (content) => ({ ...content, record: null }) })).toEqual([]);
  });

  it("fits beside signatures of witnesses, and of other keys under the log's name", async () => {
    const data = await makeReceipt();
    const others = [logName, "witness.example"].map(
      (name) => `— ${name} ${randomBytes(76).toString("base64")}\n`,
    );
    expect(await failuresOf({ ...data, checkpoint: data.checkpoint + others.join("") })).toEqual([]);
  });

  it("fits where the enrolment's row has its own authenticator and names the new one beside", async () => {
    const failed = await failuresWith({
      enrolment: (row) => ({
        ...row,
        action: "security.enrol-first-factor",
        authenticatorId: null,
        detail: { ...(row.detail as object), authenticatorId: row.authenticatorId },
      }),
    });
    expect(failed).toEqual([]);
  });
});

/** One change of a finished receipt, and every check that has to find it. */
const changes: [string, (data: ReceiptData) => unknown, CheckName[]][] = [
  ["the format", (data) => ({ ...data, format: "keyturn-receipt-v2" }), ["readable"]],
  ["a member that does not belong", (data) => ({ ...data, verdict: "fits" }), ["readable"]],
  ["a name that is no text", (data) => ({ ...data, names: { ...data.names, record: 5 } }), ["readable"]],
  ["no names", ({ names, ...data }) => data, ["readable"]],
  ["no opening, not even null", ({ opening, ...data }) => data, ["readable"]],
  ["another RP ID", (data) => ({ ...data, rpId: "example" }), ["rp-id"]],
  ["a foreign RP ID", (data) => ({ ...data, rpId: "evil.example" }), ["readable"]],
  [
    "another origin",
    (data) => ({ ...data, origin: "https://www.keyturn.example" }),
    ["checkpoint-signature", "client-data"],
  ],
  ["an origin with a path", (data) => ({ ...data, origin: `${data.origin}/` }), ["readable"]],
  ["an origin without TLS", (data) => ({ ...data, origin: "http://keyturn.example" }), ["client-data"]],
  [
    "another key of the log",
    (data) => ({ ...data, vkey: verifierKeyOf(logName, signingKey(randomBytes(32))) }),
    ["checkpoint-signature"],
  ],
  [
    "another id in the verifier key",
    (data) => ({ ...data, vkey: data.vkey.replace(/\+[0-9a-f]{8}\+/, "+00000000+") }),
    ["checkpoint-signature"],
  ],
  ["no verifier key", (data) => ({ ...data, vkey: "" }), ["checkpoint-signature"]],
  [
    "another size",
    (data) => ({ ...data, checkpoint: data.checkpoint.replace("\n11\n", "\n12\n") }),
    ["checkpoint-signature"],
  ],
  [
    "a checkpoint cut short",
    (data) => ({ ...data, checkpoint: data.checkpoint.slice(0, -3) }),
    ["checkpoint-signature", "row-in-log", "enrolment-in-log"],
  ],
  [
    "no signature of the log",
    (data) => ({ ...data, checkpoint: data.checkpoint.replace(/— \S+/, "— other.example/audit") }),
    ["checkpoint-signature"],
  ],
  [
    "a bit of the log's signature",
    (data) => ({ ...data, checkpoint: flipSignature(data.checkpoint) }),
    ["checkpoint-signature"],
  ],
  [
    "another root",
    (data) => ({ ...data, checkpoint: signed({ root: randomBytes(32) }) }),
    ["row-in-log", "enrolment-in-log"],
  ],
  [
    "a head of another log by the same key",
    (data) => ({ ...data, ...foreignLog(data) }),
    ["checkpoint-signature"],
  ],
  ["another row's index", (data) => ({ ...data, row: { ...data.row, index: 8 } }), ["row-in-log"]],
  ["an index beyond the log", (data) => ({ ...data, row: { ...data.row, index: 11 } }), ["row-in-log"]],
  ["no whole index", (data) => ({ ...data, row: { ...data.row, index: 9.5 } }), ["row-in-log"]],
  [
    "a row before the enrolment",
    (data) => ({ ...data, row: { ...data.row, index: 1 } }),
    ["row-in-log", "same-passkey"],
  ],
  [
    "a longer path",
    (data) => ({ ...data, row: { ...data.row, proof: [...data.row.proof, data.row.proof[0]] } }),
    ["row-in-log"],
  ],
  [
    "a shorter path",
    (data) => ({ ...data, row: { ...data.row, proof: data.row.proof.slice(1) } }),
    ["row-in-log"],
  ],
  ["a path of no hashes", (data) => ({ ...data, row: { ...data.row, proof: ["AAAA"] } }), ["readable"]],
  ["no enrolment", (data) => ({ ...data, enrolment: null }), ["enrolment-in-log", "same-passkey"]],
  ["the row as its own enrolment", (data) => ({ ...data, enrolment: data.row }), ["same-passkey"]],
  [
    "another enrolment's index",
    (data) => ({ ...data, enrolment: { ...data.enrolment, index: 3 } }),
    ["enrolment-in-log"],
  ],
  [
    "a leaf in another spelling",
    (data) => ({ ...data, row: { ...data.row, leaf: data.row.leaf.replace(":", ": ") } }),
    ["readable"],
  ],
  [
    "a leaf with a member twice",
    (data) => ({ ...data, row: { ...data.row, leaf: data.row.leaf.replace("{", '{"action":"x",') } }),
    ["readable"],
  ],
  ["a leaf that is no JSON", (data) => ({ ...data, row: { ...data.row, leaf: "{" } }), ["readable"]],
  ["an opening in another spelling", (data) => ({ ...data, opening: ` ${data.opening}` }), ["readable"]],
  ["no text for an opening", (data) => ({ ...data, opening: 5 }), ["readable"]],
];

function flipSignature(note: string): string {
  return note.replace(/(\S+)\n$/, (_, encoded: string) => {
    const bytes = Buffer.from(encoded, "base64");
    bytes[40]! ^= 4;
    return `${bytes.toString("base64")}\n`;
  });
}

function signed({ root, origin = logName }: { root: Buffer; origin?: string }): string {
  return signCheckpoint({ origin, size: 11, root }, logKey);
}

function foreignLog(data: ReceiptData) {
  const root = Buffer.from(data.checkpoint.split("\n")[2]!, "base64");
  return {
    checkpoint: signed({ root, origin: "other.example/audit" }),
    vkey: verifierKeyOf("other.example/audit", logKey),
  };
}

describe("a receipt that was changed afterwards is found out:", () => {
  it.each(changes)("%s", async (_, change, expected) => {
    expect(await failuresOf(change(await makeReceipt()))).toEqual(expected);
  });

  it("each hash of both paths", async () => {
    const data = await makeReceipt();
    for (const [member, check] of [
      ["row", "row-in-log"],
      ["enrolment", "enrolment-in-log"],
    ] as const) {
      const { proof } = data[member]!;
      for (const at of proof.keys()) {
        const changed = proof.with(at, randomBytes(32).toString("base64"));
        expect(await failuresOf({ ...data, [member]: { ...data[member], proof: changed } })).toEqual([check]);
      }
    }
  });

  it("each value of the row and of the enrolment, deep inside too", async () => {
    const data = await makeReceipt();
    for (const [member, check] of [
      ["row", "row-in-log"],
      ["enrolment", "enrolment-in-log"],
    ] as const) {
      const leaf = JSON.parse(data[member]!.leaf);
      const paths = pathsOf(leaf);
      expect(paths.length).toBeGreaterThan(20);
      for (const path of paths) {
        const changed = { ...data[member], leaf: canonicalText(withChanged(leaf, path)) };
        const failed = await failuresOf({ ...data, [member]: changed });
        // What can no longer be read is found out before anything is hashed.
        expect(failed.includes(check) || failed.includes("readable"), path.join(".")).toBe(true);
      }
    }
  });

  it("each value of the opening and of the words in it", async () => {
    const data = await makeReceipt();
    const opening = JSON.parse(data.opening!);
    for (const path of pathsOf(opening)) {
      const failed = await failuresOf({ ...data, opening: canonicalText(withChanged(opening, path)) });
      expect(failed.includes("opening-matches") || failed.includes("readable"), path.join(".")).toBe(true);
    }
    const content = JSON.parse(opening.content);
    for (const path of pathsOf(content)) {
      const text = canonicalText({ ...opening, content: canonicalText(withChanged(content, path)) });
      const failed = await failuresOf({ ...data, opening: text });
      const isFound = failed.includes("opening-matches") && failed.includes("words-match");
      expect(isFound || failed.includes("readable"), path.join(".")).toBe(true);
    }
  });

  it("another receipt's opening, row, enrolment or checkpoint", async () => {
    const [data, another] = [await makeReceipt(), await makeReceipt()];
    expect(await failuresOf({ ...data, opening: another.opening })).toEqual(["opening-matches", "challenge"]);
    expect(await failuresOf({ ...data, row: another.row })).toContain("row-in-log");
    expect(await failuresOf({ ...data, enrolment: another.enrolment })).toEqual([
      "enrolment-in-log",
      "same-passkey",
    ]);
    expect(await failuresOf({ ...data, checkpoint: another.checkpoint })).toEqual([
      "row-in-log",
      "enrolment-in-log",
    ]);
  });

  it.each([[null], [undefined], [5], ["text"], [[]], [{}]])("is not even one: %j", async (data) => {
    const { checks, told } = await verifyReceipt(data);
    expect(checks).toEqual([expect.objectContaining({ name: "readable", result: "failed" })]);
    expect(told).toBeNull();
  });

  it("fails in words, never by throwing, whatever takes the place of a member", async () => {
    const data = await makeReceipt();
    const members = fc.constantFrom(...Object.keys(data));
    await fc.assert(
      fc.asyncProperty(members, fc.jsonValue(), async (member, value) => {
        fc.pre(
          !(member === "madeAt" && typeof value === "string") && !(member === "opening" && value === null),
        );
        expect(await failuresOf({ ...data, [member]: value })).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

const stranger = new SoftwareAuthenticator();

/** What the installation itself got wrong, or was made to: hashed, sealed and signed by the log all the same. */
const sealedWrong: [string, Wrong, CheckName[]][] = [
  ["refused", { row: (row) => ({ ...row, outcome: "refused" }) }, ["allowed"]],
  ["another digest in the row", { row: (row) => ({ ...row, digest: "00".repeat(32) }) }, ["opening-matches"]],
  ["another action in the row", { row: (row) => ({ ...row, action: "customer.edit" }) }, ["words-match"]],
  [
    "another person in the row",
    { row: (row) => ({ ...row, actorId: "somebody" }) },
    ["words-match", "same-passkey"],
  ],
  ["another session in the row", { row: (row) => ({ ...row, sessionId: "elsewhere" }) }, ["words-match"]],
  ["another record in the row", { row: (row) => ({ ...row, recordId: "another" }) }, ["words-match"]],
  [
    "another kind of record in the row",
    { row: (row) => ({ ...row, recordType: "contract" }) },
    ["words-match"],
  ],
  [
    "another authenticator in the row",
    { row: (row) => ({ ...row, authenticatorId: "another" }) },
    ["same-passkey"],
  ],
  ["a signature in a row of a code", { row: (row) => ({ ...row, factor: "totp" }) }, ["readable"]],
  ["a row of another format", { row: (row) => ({ ...row, format: "keyturn-audit-leaf-v2" }) }, ["readable"]],
  [
    "another digest in the opening",
    { opening: (opening) => ({ ...opening, digest: "00".repeat(32) }) },
    ["words-match", "challenge"],
  ],
  [
    "another nonce",
    { opening: (opening) => ({ ...opening, nonce: randomBytes(32).toString("base64url") }) },
    ["challenge"],
  ],
  ["a short nonce", { opening: (opening) => ({ ...opening, nonce: "AAAA" }) }, ["challenge"]],
  ["no nonce", { opening: ({ nonce, ...opening }) => opening }, ["challenge"]],
  ["an opening of another format", { opening: (opening) => ({ ...opening, format: "x" }) }, ["readable"]],
  [
    "words of another format",
    { content: (content) => ({ ...content, format: "keyturn-digest-v2" }) },
    ["readable"],
  ],
  ["another challenge", { challenge: randomBytes(32) }, ["challenge"]],
  ["a challenge without its label", { challenge: createHash("sha256").update("").digest() }, ["challenge"]],
  ["another origin", { faults: { origin: "https://keyturn.example.evil" } }, ["client-data"]],
  ["another type", { faults: { type: "webauthn.create" } }, ["client-data"]],
  ["a frame of another site", { faults: { crossOrigin: true } }, ["client-data"]],
  ["another top page", { faults: { topOrigin: "https://keyturn.example" } }, ["client-data"]],
  ["another RP ID", { faults: { rpId: "evil.example" } }, ["rp-id"]],
  ["nobody verified", { faults: { userVerified: false } }, ["user-verified"]],
  ["nobody present", { faults: { userPresent: false } }, ["user-verified"]],
  [
    "authenticator data cut short",
    { faults: { authenticatorData: (right) => right.subarray(0, 36) } },
    ["rp-id", "user-verified"],
  ],
  ["a stranger's passkey", { signer: stranger }, ["same-passkey"]],
  [
    "a stranger's passkey under the enrolled id",
    { signer: stranger, assertion: (own) => ({ ...own, credentialId: "AAAA" }) },
    ["same-passkey"],
  ],
  ["a passkey enrolled later", { enrolledLater: true }, ["same-passkey"]],
  ["another person's passkey", { enrolment: (row) => ({ ...row, actorId: "somebody" }) }, ["same-passkey"]],
  [
    "an enrolment that was refused",
    { enrolment: (row) => ({ ...row, outcome: "refused" }) },
    ["same-passkey"],
  ],
  [
    "an enrolment that was none",
    { enrolment: (row) => ({ ...row, action: "security.remove-factor" }) },
    ["same-passkey"],
  ],
  [
    "an enrolment of another authenticator",
    { enrolment: (row) => ({ ...row, authenticatorId: "another" }) },
    ["same-passkey"],
  ],
  ["an enrolment without a key", { enrolment: (row) => ({ ...row, detail: {} }) }, ["same-passkey"]],
  [
    "a signature that is another text's",
    { assertion: (own) => ({ ...own, clientDataJSON: other(own.clientDataJSON) }) },
    ["passkey-signature", "challenge", "client-data"],
  ],
];

describe("a log that sealed a wrong row is found out:", () => {
  it.each(sealedWrong)("%s", async (_, wrong, expected) => {
    expect(await failuresWith(wrong)).toEqual(expected);
  });

  it("a challenge of a nonce that is too short to be one", async () => {
    const { digest } = JSON.parse((await makeReceipt()).opening!);
    const nonce = randomBytes(8);
    const parts = [Buffer.from("keyturn webauthn step-up v1"), nonce, Buffer.from(digest, "hex")];
    const challenge = createHash("sha256").update(Buffer.concat(parts)).digest();
    const opening = (right: object) => ({ ...right, nonce: nonce.toString("base64url") });
    expect(await failuresWith({ challenge, opening })).toEqual(["challenge"]);
  });

  it("another credential id with the right key", async () => {
    expect(await failuresWith({ assertion: (own) => ({ ...own, credentialId: stranger.id }) })).toEqual([
      "same-passkey",
    ]);
  });

  it.each(algorithms)("one bit of a signature with %s", async (algorithm) => {
    const flip = (at: number): Wrong => ({
      algorithm,
      faults: {
        signature: (right) => Buffer.from(right.map((byte, position) => (position === at ? byte ^ 1 : byte))),
      },
    });
    for (const at of [0, 1, 3, 5, 20, 40, 60])
      expect(await failuresWith(flip(at))).toEqual(["passkey-signature"]);
  });

  it.each(algorithms)("a signature with %s that is longer, shorter, or none", async (algorithm) => {
    for (const signature of [
      (right: Buffer) => Buffer.concat([right, Buffer.of(0)]),
      (right: Buffer) => right.subarray(0, -1),
      () => Buffer.alloc(0),
    ]) {
      expect(await failuresWith({ algorithm, faults: { signature } })).toEqual(["passkey-signature"]);
    }
  });

  it.each(algorithms)("a %s key swapped for another, in row and enrolment", async (algorithm) => {
    const publicKey = encodeCbor(new SoftwareAuthenticator(algorithm).publicKey()).toString("base64url");
    const swapped = (row: Record<string, unknown>) => {
      const { credential } = row.detail as { credential: object };
      return { ...row, detail: { credential: { ...credential, publicKey } } };
    };
    const assertion: Wrong["assertion"] = (own) => ({ ...own, publicKey });
    expect(await failuresWith({ algorithm, enrolment: swapped })).toEqual(["same-passkey"]);
    expect(await failuresWith({ algorithm, assertion })).toEqual(["passkey-signature", "same-passkey"]);
    expect(await failuresWith({ algorithm, assertion, enrolment: swapped })).toEqual(["passkey-signature"]);
  });

  it.each([
    ["of 1024 bits", { modulusLength: 1024 }],
    ["with the exponent 3", { modulusLength: 2048, publicExponent: 3 }],
  ])("a right signature by an RSA key %s", async (_, options) => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", options);
    const { n, e } = publicKey.export({ format: "jwk" });
    const [modulus, exponent] = [Buffer.from(n!, "base64url"), Buffer.from(e!, "base64url")];
    const key = encodeCbor(cose([1, 3], [3, -257], [-1, modulus], [-2, exponent]));
    const assertion: Wrong["assertion"] = (own) => {
      const clientData = createHash("sha256").update(Buffer.from(own.clientDataJSON, "base64url")).digest();
      const data = Buffer.concat([Buffer.from(own.authenticatorData, "base64url"), clientData]);
      const signature = sign("sha256", data, privateKey).toString("base64url");
      return { ...own, publicKey: key.toString("base64url"), signature };
    };
    expect(await failuresWith({ assertion })).toEqual(["passkey-signature", "same-passkey"]);
  });
});

describe("a browser without", () => {
  afterEach(() => vi.restoreAllMocks());

  it("Ed25519 leaves the log's signature open and gives no tick for it", async () => {
    const data = await makeReceipt();
    lackEd25519();
    const { verdict, checks } = await verifyReceipt(data);
    expect(verdict.kind).toBe("incomplete");
    expect(checks.filter(({ result }) => result !== "passed")).toEqual([
      expect.objectContaining({ name: "checkpoint-signature", result: "not-done" }),
    ]);
  });

  it("Ed25519 can't check a passkey that uses it, and still finds other faults", async () => {
    const data = await makeReceipt({ algorithm: "eddsa" });
    const { opening } = await makeReceipt();
    lackEd25519();
    expect(await undoneOf(data)).toEqual(["checkpoint-signature", "passkey-signature"]);
    expect(await failuresOf({ ...data, opening })).toEqual(["opening-matches", "challenge"]);
  });

  it("Web Crypto does none of the checks that need it, and accuses nobody", async () => {
    const data = await makeReceipt();
    vi.stubGlobal("crypto", {});
    const { verdict, checks } = await verifyReceipt(data);
    vi.unstubAllGlobals();
    expect(verdict.kind).toBe("incomplete");
    expect(checks.some(({ result }) => result === "failed")).toBe(false);
    expect(checks.filter(({ result }) => result === "not-done").map(({ name }) => name)).toEqual([
      "checkpoint-signature",
      "row-in-log",
      "opening-matches",
      "words-match",
      "passkey-signature",
      "challenge",
      "rp-id",
      "enrolment-in-log",
    ]);
  });

  function lackEd25519() {
    const importKey = crypto.subtle.importKey.bind(crypto.subtle) as (
      ...given: unknown[]
    ) => Promise<CryptoKey>;
    vi.spyOn(crypto.subtle, "importKey").mockImplementation(async (...given: unknown[]) => {
      if (given[2] === "Ed25519") throw new DOMException("Unrecognized name.", "NotSupportedError");
      return importKey(...given);
    });
  }
});

type Path = (string | number)[];

/** Where values stand in it that are neither objects nor lists. */
function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...at, name]));
}

function withChanged(value: unknown, [first, ...rest]: Path): unknown {
  if (first === undefined) return changedValue(value);
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  Object.assign(copy, { [first]: withChanged(Object(value)[first], rest) });
  return copy;
}

function changedValue(value: unknown): unknown {
  if (typeof value === "string") return `${value}x`;
  if (typeof value === "number") return value + 1;
  return typeof value === "boolean" ? !value : "x";
}

/** RFC 8785 for what has neither fractions nor strange names: members in order. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
