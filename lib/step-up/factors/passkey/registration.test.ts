import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attestation } from "./client-data";
import { type Cbor, encodeCbor, head } from "./encode-cbor";
import { type NewPasskey, verifyRegistration } from "./registration";
import { type Algorithm, cose, type Faults, SoftwareAuthenticator } from "./software-authenticator";

const rp = { id: "localhost", name: "Keyturn", origin: "http://localhost:3000" };
const challenge = randomBytes(32);
const asked = { challenge, rpId: rp.id, origin: rp.origin };

/** What the server makes of a browser's answer: shape first, then the ceremony. */
async function enrols(response: unknown): Promise<NewPasskey | null> {
  const answer = attestation.safeParse(response);
  return answer.success ? verifyRegistration(rp, challenge, answer.data) : null;
}

const device = new SoftwareAuthenticator("es256");
const enrolsWith = (faults: Faults) => enrols(device.register(asked, faults));

describe("a new passkey", () => {
  it.each<Algorithm>(["es256", "eddsa", "rs256"])(
    "with %s is accepted as the authenticator made it",
    async (algorithm) => {
      const authenticator = new SoftwareAuthenticator(algorithm, { counts: true });
      authenticator.counter = 7;
      const passkey = await enrols(authenticator.register(asked));
      expect(passkey).toEqual({
        credentialId: authenticator.id,
        publicKey: encodeCbor(authenticator.publicKey()),
        counter: 7,
        transports: ["internal", "hybrid"],
        aaguid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        backupEligible: false,
        backedUp: false,
        suggestedName: "Passkey",
      });
    },
  );

  it.each([
    [true, true],
    [true, false],
  ])("may be eligible for backup (%s) and backed up (%s)", async (backupEligible, backedUp) => {
    expect(await enrolsWith({ backupEligible, backedUp })).toMatchObject({ backupEligible, backedUp });
  });

  it("may have an id of 1023 bytes", async () => {
    const attestedId = randomBytes(1023);
    const id = attestedId.toString("base64url");
    expect(await enrolsWith({ attestedId, id })).toMatchObject({ credentialId: id });
  });

  it("keeps the transports that WebAuthn knows, and none that a page made up", async () => {
    const made = device.register(asked);
    made.response.transports = ["usb", "carrier-pigeon", "nfc"];
    expect(await enrols(made)).toMatchObject({ transports: ["usb", "nfc"] });
  });

  it("is taken without its attestation statement, which nobody asked for: no certificate in it is read", async () => {
    const attStmt = new Map<string, Cbor>([
      ["alg", -7],
      ["sig", randomBytes(70)],
      ["x5c", [randomBytes(300)]],
    ]);
    for (const fmt of ["packed", "tpm", "made-up"]) {
      expect(await enrolsWith({ format: { fmt, attStmt } }), fmt).toMatchObject({ credentialId: device.id });
    }
  });
});

describe("a registration with one step wrong is refused", () => {
  it.each<[string, Faults]>([
    ["an assertion's type (threats.md 4)", { type: "webauthn.get" }],
    ["another challenge", { challenge: randomBytes(32) }],
    ["another origin", { origin: "https://keyturn.evil.example" }],
    ["the origin's other port", { origin: "http://localhost:3001" }],
    ["an origin that only begins alike", { origin: `${rp.origin}.evil.example` }],
    ["another RP ID", { rpId: "evil.example" }],
    ["no user present", { userPresent: false }],
    ["no user verification", { userVerified: false }],
    ["backed up but not eligible", { backupEligible: false, backedUp: true }],
    ["a frame of another origin", { crossOrigin: true }],
    ["crossOrigin as text", { crossOrigin: "false" }],
    ["crossOrigin null", { crossOrigin: null }],
    ["a topOrigin", { crossOrigin: false, topOrigin: rp.origin }],
    ["an empty topOrigin", { topOrigin: "" }],
    ["a topOrigin null", { topOrigin: null }],
    ["another attested id", { attestedId: randomBytes(32) }],
    ["another raw id", { rawId: randomBytes(32).toString("base64url") }],
    [
      "an id of 1024 bytes",
      { attestedId: Buffer.alloc(1024, 1), id: Buffer.alloc(1024, 1).toString("base64url") },
    ],
    ["an empty id", { attestedId: Buffer.alloc(0), id: "" }],
    ["the id with padding", { id: `${device.id}=` }],
    ["client data that is no JSON", { clientData: Buffer.from("{") }],
    ["client data that is null", { clientData: Buffer.from("null") }],
    ["empty client data", { clientData: Buffer.alloc(0) }],
    ["authenticator data too short", { authenticatorData: (right) => right.subarray(0, 36) }],
    [
      "authenticator data with something behind",
      { authenticatorData: (right) => Buffer.concat([right, Buffer.alloc(1)]) },
    ],
    ["no attested credential", { authenticatorData: (right) => right.subarray(0, 37).fill(0x05, 32, 33) }],
    ["an id longer than the data", { authenticatorData: (right) => right.fill(0xff, 53, 55) }],
  ])("%s", async (_what, faults) => {
    expect(await enrolsWith(faults)).toBeNull();
  });

  it.each<[string, Cbor | Buffer]>([
    ["key type and algorithm that don't fit", new Map([...device.publicKey(), [3, -257]])],
    ["an algorithm that was not offered", new Map([...device.publicKey(), [3, -35]])],
    ["a point off the curve", new Map<number, Cbor>([...device.publicKey(), [-3, Buffer.alloc(32, 1)]])],
    ["an RSA exponent of 1", cose([1, 3], [3, -257], [-1, Buffer.alloc(256, 0xff)], [-2, Buffer.from([1])])],
    [
      "an RSA modulus of 1024 bits",
      cose([1, 3], [3, -257], [-1, Buffer.alloc(128, 0xff)], [-2, Buffer.from([1, 0, 1])]),
    ],
    ["an Ed25519 key that everybody can sign for", cose([1, 1], [3, -8], [-1, 6], [-2, Buffer.alloc(32)])],
    ["a number for a key", 7],
    ["an unfinished key", Buffer.from([0xa5, 1, 2])],
    ["a key in a thousand lists", Buffer.alloc(1000, 0x81)],
    ["a giant key", Buffer.concat([head(5, 1), head(0, 1), head(2, 0xffff_ffff)])],
  ])("%s", async (_what, publicKey) => {
    expect(await enrolsWith({ publicKey })).toBeNull();
  });
});

describe("what is no attestation object is refused (threats.md 17)", () => {
  const object = (authData: Cbor) =>
    encodeCbor(
      new Map<string, Cbor>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", authData],
      ]),
    );

  it.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["a number", encodeCbor(1)],
    ["text", encodeCbor("authData")],
    ["a list", encodeCbor(["authData"])],
    ["an empty map", encodeCbor(new Map())],
    ["authenticator data as a number", object(37)],
    ["authenticator data as text", object("x".repeat(200))],
    ["authenticator data as a list", object(Array(200).fill(5))],
    ["no authenticator data", encodeCbor(new Map([["fmt", "none"]]))],
    ["lists in one another to the limit", Buffer.alloc(24 * 1024, 0x81)],
    ["maps in one another to the limit", Buffer.alloc(24 * 1024, Buffer.from([0xa1, 0x00]))],
    ["tags in one another to the limit", Buffer.alloc(24 * 1024, 0xc1)],
    ["a list of four thousand million", head(4, 0xffff_ffff)],
    ["a list of 2^64", Buffer.from("9bffffffffffffffff", "hex")],
    ["a map of 2^64", Buffer.from("bbffffffffffffffff", "hex")],
    ["bytes of 2^64", Buffer.from("a1686175746844617461 5bffffffffffffffff".replace(" ", ""), "hex")],
    ["bytes without an end", Buffer.from("5f41004100", "hex")],
    [
      "a member twice",
      Buffer.concat([
        Buffer.from([0xa2]),
        encodeCbor("fmt"),
        encodeCbor(1),
        encodeCbor("fmt"),
        encodeCbor(2),
      ]),
    ],
  ])("%s", async (_what, attestationObject) => {
    const started = performance.now();
    expect(await enrolsWith({ attestationObject })).toBeNull();
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("whatever the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await enrolsWith({ attestationObject: Buffer.from(bytes) })).toBeNull();
      }),
    );
  });

  it("whichever byte of a right one is another: never a crash, and never another key or id", async () => {
    const right = Buffer.from(device.register(asked).response.attestationObject, "base64url");
    for (let index = 0; index < right.length; index++) {
      const bytes = Buffer.from(right).fill(right[index]! ^ 0xff, index, index + 1);
      const passkey = await enrolsWith({ attestationObject: bytes });
      if (passkey)
        expect(passkey).toMatchObject({ credentialId: device.id, publicKey: encodeCbor(device.publicKey()) });
    }
  });
});

describe("what has another shape is refused", () => {
  const right = device.register(asked);
  it.each<[string, unknown]>([
    ["null", null],
    ["text", JSON.stringify(right)],
    ["a member more", { ...right, trusted: true }],
    ["a member more inside", { ...right, response: { ...right.response, verified: true } }],
    ["no raw id", { ...right, rawId: undefined }],
    ["an id in a list", { ...right, id: [right.id], rawId: [right.rawId] }],
    ["another type", { ...right, type: "password" }],
    [
      "an object for an attestation object",
      { ...right, response: { ...right.response, attestationObject: {} } },
    ],
    ["standard base64", { ...right, response: { ...right.response, clientDataJSON: "e30/+A==" } }],
    [
      "bytes spelled with padding",
      {
        ...right,
        response: { ...right.response, attestationObject: `${right.response.attestationObject}=` },
      },
    ],
    [
      "bytes with a blank between",
      { ...right, response: { ...right.response, clientDataJSON: ` ${right.response.clientDataJSON}` } },
    ],
    ["eleven transports", { ...right, response: { ...right.response, transports: Array(11).fill("usb") } }],
    [
      "an endless attestation object",
      { ...right, response: { ...right.response, attestationObject: "A".repeat(100_000) } },
    ],
  ])("%s", async (_what, response) => {
    expect(await enrols(right)).not.toBeNull();
    expect(await enrols(response)).toBeNull();
  });

  it("or is any value whatever", async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (value) => {
        expect(await enrols(value)).toBeNull();
      }),
    );
  });
});
