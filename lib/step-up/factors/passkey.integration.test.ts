import { createHash, createPublicKey, createVerify, randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  decodeAttestationObject,
  decodeCredentialPublicKey,
  parseAuthenticatorData,
  verifySignature,
} from "@simplewebauthn/server/helpers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { authenticators, passkeys, userHandles } from "@/db/schema/step-up";
import { type ChallengeToken, factsOfToken, spendNonce } from "../challenge";
import type { ChallengeFacts, Verdict } from "./factor";
import { anyChallenge, describeFactor, enrolled, type Owner, subjectOf, verifies } from "./factor-contract";
import { attestation } from "./passkey/client-data";
import { createPasskeyFactor } from "./passkey/passkey";
import { algorithmIds } from "./passkey/public-key";
import { registrationOptions, verifyRegistration } from "./passkey/registration";
import { type Algorithm, type Faults, SoftwareAuthenticator } from "./passkey/software-authenticator";

const rp = { id: "localhost", name: "Keyturn", origin: "http://localhost:3000" };
const factor = createPasskeyFactor(rp);
const asks = (challenge: Buffer) => ({ challenge, rpId: rp.id, origin: rp.origin });

describeFactor({ name: "passkey", factor, enrols: keyOwner, reusable: false, signs: true }, assertions);

/** The whole ceremony: options with the user's handle, a credential made to them, verified and stored. */
async function enrol(opened: OpenDatabase, device: SoftwareAuthenticator, userId: string = randomUUID()) {
  const challenge = randomBytes(32);
  const user = { userId, account: "theo@keyturn.example", displayName: "Theo" };
  const options = await opened.database.transaction((tx) => registrationOptions(tx, rp, user, challenge));
  device.userHandle = options.user.id;
  const made = await verifyRegistration(rp, challenge, attestation.parse(device.register(asks(challenge))));
  if (!made) throw new Error("the registration was refused");
  const { suggestedName: _name, ...stored } = made;
  const { fact } = await enrolled(opened, "passkey", userId);
  await opened.database.insert(passkeys).values({ authenticatorId: fact.id, ...stored });
  return { userId, fact, device, options };
}

async function keyOwner(opened: OpenDatabase): Promise<Owner> {
  const { userId, fact, device } = await enrol(opened, new SoftwareAuthenticator("es256", { counts: true }));
  return {
    userId,
    authenticators: [fact],
    now: () => new Date(),
    async answers({ webauthnChallenge }) {
      const { authenticatorAttachment: _, ...assertion } = device.assert(asks(webauthnChallenge));
      const { userHandle: _handle, ...response } = assertion.response;
      return { ...assertion, response };
    },
    stored: () =>
      opened.database
        .select({
          counter: passkeys.counter,
          backedUp: passkeys.backedUp,
          lastUsedAt: authenticators.lastUsedAt,
        })
        .from(passkeys)
        .innerJoin(authenticators, eq(authenticators.id, passkeys.authenticatorId))
        .where(eq(authenticators.userId, userId)),
  };
}

type Enrolled = Awaited<ReturnType<typeof enrol>>;

function assertions(opened: () => OpenDatabase): void {
  const subject = ({ userId, fact }: Enrolled) =>
    subjectOf({ userId, authenticators: [fact], now: () => new Date() });
  const verify = (one: Enrolled, challenge: ChallengeFacts, answer: unknown) =>
    verifies(opened(), factor, subject(one), challenge, answer);
  const asserts = (one: Enrolled, faults: Faults = {}): Promise<Verdict> => {
    const challenge = anyChallenge();
    return verify(one, challenge, one.device.assert(asks(challenge.webauthnChallenge), faults));
  };
  const storedOf = async ({ fact }: Enrolled) => {
    const [row] = await opened()
      .database.select()
      .from(passkeys)
      .where(eq(passkeys.authenticatorId, fact.id));
    return row!;
  };
  const counting = () => new SoftwareAuthenticator("es256", { counts: true });

  it.each<Algorithm>(["es256", "eddsa", "rs256"])(
    "accepts what %s signed, as the browser sends it",
    async (algorithm) => {
      const one = await enrol(opened(), new SoftwareAuthenticator(algorithm, { counts: true }));
      expect(await asserts(one)).toMatchObject({ accepted: true, authenticatorId: one.fact.id });
    },
  );

  describe("refuses an assertion with one step wrong, and changes nothing:", () => {
    const wrong: [string, Faults, Partial<Extract<Verdict, { accepted: false }>>][] = [
      ["a registration's type (threats.md 4)", { type: "webauthn.create" }, { reason: "not-verified" }],
      ["a payment's type", { type: "payment.get" }, { reason: "not-verified" }],
      ["another challenge", { challenge: randomBytes(32) }, { reason: "not-verified" }],
      ["another origin", { origin: "https://keyturn.evil.example" }, { reason: "not-verified" }],
      [
        "an origin that only begins alike",
        { origin: `${rp.origin}.evil.example` },
        { reason: "not-verified" },
      ],
      ["another RP ID", { rpId: "evil.example" }, { reason: "not-verified" }],
      ["no user present", { userPresent: false }, { reason: "not-verified" }],
      ["no user verification", { userVerified: false }, { reason: "not-verified" }],
      [
        "eligible for backup, which it was not",
        { backupEligible: true },
        { audit: "backup eligibility changed" },
      ],
      ["backed up but not eligible", { backedUp: true }, { audit: "backed up but not eligible" }],
      ["a frame of another origin", { crossOrigin: true }, { audit: "crossOrigin or topOrigin" }],
      ["crossOrigin as a number", { crossOrigin: 0 }, { audit: "crossOrigin or topOrigin" }],
      ["a topOrigin", { topOrigin: rp.origin }, { audit: "crossOrigin or topOrigin" }],
      [
        "both",
        { crossOrigin: true, topOrigin: "https://evil.example" },
        { audit: "crossOrigin or topOrigin" },
      ],
      [
        "a changed signature",
        { signature: (right) => right.fill(right[40]! ^ 1, 40, 41) },
        { reason: "not-verified" },
      ],
      ["an empty signature", { signature: () => Buffer.alloc(0) }, { reason: "not-verified" }],
      [
        "zeros for a signature",
        { signature: () => Buffer.from("3006020100020100", "hex") },
        { reason: "not-verified" },
      ],
      [
        "a right signature in a longer form, which no receipt would take",
        { signature: (right) => Buffer.concat([Buffer.from([0x30, 0x81]), right.subarray(1)]) },
        { reason: "not-verified" },
      ],
      [
        "a right signature with something behind",
        { signature: (right) => Buffer.concat([right, Buffer.from("0500", "hex")]) },
        { reason: "not-verified" },
      ],
      ["a signature without DER", { signature: () => randomBytes(64) }, { reason: "not-verified" }],
      ["an id and another raw id", { rawId: randomBytes(32).toString("base64url") }, { reason: "malformed" }],
      [
        "an id that nobody has",
        { id: randomBytes(32).toString("base64url") },
        { reason: "unknown-authenticator" },
      ],
      ["an id of 1024 bytes", { id: randomBytes(1024).toString("base64url") }, { reason: "malformed" }],
      ["an empty id", { id: "" }, { reason: "malformed" }],
      [
        "another user's handle",
        { userHandle: randomBytes(32).toString("base64url") },
        { reason: "unknown-authenticator" },
      ],
      [
        "a handle of 65 bytes",
        { userHandle: randomBytes(65).toString("base64url") },
        { reason: "malformed" },
      ],
      ["client data that is no JSON", { clientData: Buffer.from("{") }, { reason: "not-verified" }],
      ["client data that is a list", { clientData: Buffer.from("[]") }, { reason: "not-verified" }],
      [
        "client data with a byte order mark",
        { clientData: Buffer.from("\ufeff{}") },
        { reason: "not-verified" },
      ],
      [
        "short authenticator data",
        { authenticatorData: (right) => right.subarray(0, 36) },
        { reason: "malformed" },
      ],
      [
        "something behind the authenticator data",
        { authenticatorData: (r) => Buffer.concat([r, r]) },
        { reason: "malformed" },
      ],
      [
        "extensions that are not there",
        { authenticatorData: (r) => r.fill(0x85, 32, 33) },
        { reason: "malformed" },
      ],
      [
        "extensions in one another to the limit",
        { authenticatorData: (r) => Buffer.concat([r.fill(0x85, 32, 33), Buffer.alloc(8_000, 0x81)]) },
        { reason: "malformed" },
      ],
      [
        "an attested credential without an end",
        { authenticatorData: (r) => Buffer.concat([r.fill(0x45, 32, 33), Buffer.alloc(18, 0xff)]) },
        { reason: "malformed" },
      ],
    ];

    it.each(wrong)("%s", async (_what, faults, refusal) => {
      const one = await enrol(opened(), counting());
      const before = await storedOf(one);
      expect(await asserts(one, faults)).toMatchObject({ accepted: false, ...refusal });
      expect(await storedOf(one)).toEqual(before);
      expect(await asserts(one)).toMatchObject({ accepted: true });
    });
  });

  it("refuses the same bytes in another spelling, which another reader might read otherwise", async () => {
    const one = await enrol(opened(), counting());
    const challenge = anyChallenge();
    const right = one.device.assert(asks(challenge.webauthnChallenge));
    for (const [member, text] of Object.entries(right.response)) {
      for (const other of [`${text}=`, ` ${text}`, `${text}\n`]) {
        const answer = { ...right, response: { ...right.response, [member]: other } };
        expect(await verify(one, challenge, answer), member).toEqual({
          accepted: false,
          reason: "malformed",
        });
      }
    }
    expect(await verify(one, challenge, right)).toMatchObject({ accepted: true });
  });

  it("refuses another key's signature under this credential's id", async () => {
    const [theo, mallory] = [await enrol(opened(), counting()), await enrol(opened(), counting())];
    const challenge = anyChallenge();
    const forged = mallory.device.assert(asks(challenge.webauthnChallenge), {
      id: theo.device.id,
      userHandle: theo.device.userHandle,
      counter: 99,
    });
    expect(await verify(theo, challenge, forged)).toMatchObject({ accepted: false, reason: "not-verified" });
  });

  it("refuses a passkey of another user's, signed for this user's challenge (GHSA-f66q-9rf6-8795)", async () => {
    const [theo, mallory] = [await enrol(opened(), counting()), await enrol(opened(), counting())];
    const challenge = anyChallenge();
    const answer = mallory.device.assert(asks(challenge.webauthnChallenge), { userHandle: null });
    expect(await verify(theo, challenge, answer)).toMatchObject({
      accepted: false,
      reason: "unknown-authenticator",
    });
    const confused = subjectOf({
      userId: theo.userId,
      authenticators: [theo.fact, mallory.fact],
      now: () => new Date(),
    });
    expect(await verifies(opened(), factor, confused, challenge, answer)).toMatchObject({ accepted: false });
  });

  it("takes a handle that is missing, null or empty for none: only discoverable passkeys send one", async () => {
    const one = await enrol(opened(), counting());
    for (const userHandle of [null, "", one.device.userHandle]) {
      expect(await asserts(one, { userHandle })).toMatchObject({ accepted: true });
    }
  });

  it("refuses a handle where the user has none", async () => {
    const one = await enrol(opened(), counting());
    await opened().database.delete(userHandles).where(eq(userHandles.userId, one.userId));
    expect(await asserts(one)).toMatchObject({ accepted: false, reason: "unknown-authenticator" });
    expect(await asserts(one, { userHandle: null })).toMatchObject({ accepted: true });
  });

  it("keeps a synced passkey eligible for backup, and follows whether it is backed up", async () => {
    const one = await enrol(opened(), new SoftwareAuthenticator("es256", { synced: true }));
    expect(await storedOf(one)).toMatchObject({ backupEligible: true, backedUp: true });
    expect(await asserts(one, { backedUp: false })).toMatchObject({ accepted: true });
    expect(await storedOf(one)).toMatchObject({ backupEligible: true, backedUp: false });
    expect(await asserts(one, { backupEligible: false, backedUp: false })).toMatchObject({
      audit: "backup eligibility changed",
    });
  });

  describe("follows the counter (threats.md 16):", () => {
    it("it grows, by any step", async () => {
      const one = await enrol(opened(), counting());
      for (const counter of [1, 2, 500, 0xffff_ffff]) {
        expect(await asserts(one, { counter })).toMatchObject({ accepted: true });
        expect(await storedOf(one)).toMatchObject({ counter });
      }
    });

    it.each([41, 42, 0])(
      "42 and then %d is refused, with words for the audit log, and stays 42",
      async (counter) => {
        const one = await enrol(opened(), counting());
        await asserts(one, { counter: 42 });
        expect(await asserts(one, { counter })).toMatchObject({
          accepted: false,
          reason: "counter-went-back",
          audit: expect.stringContaining(`counter ${counter} after 42`),
        });
        expect(await storedOf(one)).toMatchObject({ counter: 42 });
        expect(await asserts(one, { counter: 43 })).toMatchObject({ accepted: true });
      },
    );

    it("a forged assertion cannot move it", async () => {
      const one = await enrol(opened(), counting());
      await asserts(one, { counter: 5 });
      await asserts(one, { counter: 4_000_000_000, signature: (right) => right.fill(0, 30) });
      expect(await storedOf(one)).toMatchObject({ counter: 5 });
    });

    it("zero and zero again is a passkey without one; its challenge is answered once all the same", async () => {
      const one = await enrol(opened(), new SoftwareAuthenticator("es256", { synced: true }));
      expect(await asserts(one)).toMatchObject({ accepted: true });
      expect(await asserts(one)).toMatchObject({ accepted: true });
      const token = {
        nonce: randomBytes(32).toString("base64url"),
        digest: "00",
        expiresAt: Date.now() + 60_000,
      } as ChallengeToken;
      const challenge = factsOfToken(token);
      const answer = one.device.assert(asks(challenge.webauthnChallenge));
      // The order of the pipeline: the nonce first.
      const answerOnce = () =>
        opened().database.transaction(async (tx) => {
          if (!(await spendNonce(tx, token))) return false;
          return (await factor.verify(tx, subject(one), challenge, answer)).accepted;
        });
      const outcomes = await Promise.all(Array.from({ length: 50 }, answerOnce));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });
  });

  it("gives a receipt from which anybody checks later that this key signed this nonce and digest", async () => {
    const one = await enrol(opened(), counting());
    const challenge = anyChallenge();
    const verdict = await verify(one, challenge, one.device.assert(asks(challenge.webauthnChallenge)));
    if (!verdict.accepted) throw new Error("refused");
    const receipt = verdict.signed!;
    const bytes = (member: keyof typeof receipt) => Buffer.from(receipt[member], "base64url");
    expect(Object.keys(receipt).sort()).toEqual([
      "authenticatorData",
      "clientDataJSON",
      "credentialId",
      "nonce",
      "publicKey",
      "signature",
    ]);
    expect(bytes("nonce")).toEqual(challenge.nonce);
    const client = JSON.parse(bytes("clientDataJSON").toString());
    expect(client.challenge).toBe(challenge.webauthnChallenge.toString("base64url"));
    // COSE ES256 with the shortest lengths: x and y stand at fixed places.
    const key = bytes("publicKey");
    const jwk = {
      kty: "EC",
      crv: "P-256",
      x: key.subarray(10, 42).toString("base64url"),
      y: key.subarray(45).toString("base64url"),
    };
    const check = createVerify("sha256")
      .update(bytes("authenticatorData"))
      .update(createHash("sha256").update(bytes("clientDataJSON")).digest());
    expect(check.verify(createPublicKey({ key: jwk, format: "jwk" }), bytes("signature"))).toBe(true);
  });

  it("asks for this user's usable passkeys, with verification and the challenge to sign", async () => {
    const one = await enrol(opened(), counting());
    const other = await enrol(opened(), counting(), one.userId);
    const { fact: app } = await enrolled(opened(), "totp", one.userId);
    await opened()
      .database.update(authenticators)
      .set({ suspendedAt: new Date() })
      .where(eq(authenticators.id, other.fact.id));
    const challenge = anyChallenge();
    const all = subjectOf({
      userId: one.userId,
      authenticators: [one.fact, other.fact, app],
      now: () => new Date(),
    });
    expect(await factor.prepare(opened().reader, all, challenge)).toEqual({
      request: {
        challenge: challenge.webauthnChallenge.toString("base64url"),
        rpId: "localhost",
        allowCredentials: [{ id: one.device.id, type: "public-key", transports: ["internal", "hybrid"] }],
        userVerification: "required",
        timeout: 120_000,
        extensions: undefined,
      },
    });
  });

  it("asks for a new passkey with what is accepted only, and leaves out those the user has", async () => {
    const one = await enrol(opened(), counting());
    const removed = await enrol(opened(), counting(), one.userId);
    await opened()
      .database.update(authenticators)
      .set({ removedAt: new Date() })
      .where(eq(authenticators.id, removed.fact.id));
    const again = await enrol(opened(), counting(), one.userId);
    expect(again.options).toMatchObject({
      rp: { id: "localhost", name: "Keyturn" },
      user: { name: "theo@keyturn.example", displayName: "Theo" },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ alg, type: "public-key" })),
      excludeCredentials: [{ id: one.device.id }],
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      attestation: "none",
    });
    // 32 random bytes, the same for all of the user's passkeys, and not the account's id.
    expect(again.options.user.id).toBe(one.options.user.id);
    expect(Buffer.from(again.options.user.id, "base64url")).toHaveLength(32);
  });

  it("makes one handle for a user whose two tabs ask together", async () => {
    const userId = randomUUID();
    const ask = () =>
      opened().database.transaction((tx) =>
        registrationOptions(tx, rp, { userId, account: "x", displayName: "x" }, randomBytes(32)),
      );
    const handles = await Promise.all(Array.from({ length: 8 }, async () => (await ask()).user.id));
    expect(new Set(handles).size).toBe(1);
  });

  publishedVectors(opened);
}

type Published = {
  params: { rpId: string; origin: string };
  vectors: {
    title: string;
    registration?: Record<string, string>;
    authentication?: Record<string, string>;
  }[];
};
const vectors = fileURLToPath(
  new URL("../../../../shared/vectors/webauthn-l3-test-vectors.json", import.meta.url),
);

/** What the specification's own authenticators made, and why one is not accepted here; null: it is. */
const judgedByRules: Record<string, string | null> = {
  "Android Key Attestation with ES256 Credential": "nobody verified at assertion",
  "Apple Anonymous Attestation with ES256 Credential": "nobody verified at enrolment",
  'ES256 Credential with "crossOrigin": true in clientDataJSON': "a frame of another origin",
  'ES256 Credential with "topOrigin" in clientDataJSON': "a topOrigin",
  "ES256 Credential with No Attestation": "nobody verified at enrolment",
  "ES256 Credential with Self Attestation": "nobody verified at assertion",
  "ES256 Credential with very long credential ID": "nobody verified at enrolment",
  "FIDO U2F Attestation with ES256 Credential": "nobody verified at enrolment",
  "Packed Attestation with ES256 Credential": null,
  "Packed Attestation with ES384 Credential": "an algorithm that is not offered",
  "Packed Attestation with ES512 Credential": "an algorithm that is not offered",
  "Packed Attestation with Ed25519 Credential": "nobody verified at enrolment",
  "Packed Attestation with Ed448 Credential": "an algorithm that is not offered",
  "Packed Attestation with RS256 Credential": "nobody verified at assertion",
  "TPM Attestation with ES256 Credential": null,
};

/** Each of them is signed rightly: what is refused is refused by our rules. */
function publishedVectors(opened: () => OpenDatabase): void {
  // Only where the published vectors are at hand.
  if (existsSync(vectors))
    it("judges the test vectors of WebAuthn Level 3 by our rules, and all their signatures are right", async () => {
      const { params, vectors: cases } = JSON.parse(readFileSync(vectors, "utf8")) as Published;
      const site = { id: params.rpId, name: "Example", origin: params.origin };
      const judged: Record<string, string | null> = {};
      for (const { title, registration, authentication } of cases) {
        if (!registration?.attestationObject || !authentication?.signature) continue;
        const made = await register(site, registration);
        const accepted = made !== null && (await assert(opened(), site, made, authentication));
        const key = attestedKey(registration);
        expect([title, await isRightlySigned(key, authentication)]).toEqual([title, key.isOffered || null]);
        judged[title] = accepted
          ? null
          : (ruleAgainst(registration, authentication) ?? "nothing that we know of");
      }
      expect(judged).toEqual(judgedByRules);
    });
}

const bytesOf = (hex: string | undefined) => new Uint8Array(Buffer.from(hex ?? "", "hex"));

function attestedKey(given: Record<string, string>) {
  const authData = decodeAttestationObject(bytesOf(given.attestationObject)).get("authData");
  const { flags, credentialPublicKey } = parseAuthenticatorData(authData);
  const cose = credentialPublicKey ?? new Uint8Array();
  const algorithm = decodeCredentialPublicKey(cose).get(3) as unknown as number;
  return { cose, uv: flags.uv, isOffered: (algorithmIds as readonly number[]).includes(algorithm) };
}

/** Of other algorithms, of which the library knows not all, null. */
async function isRightlySigned(
  key: ReturnType<typeof attestedKey>,
  { authenticatorData, clientDataJSON, signature }: Record<string, string>,
): Promise<boolean | null> {
  if (!key.isOffered) return null;
  const hash = createHash("sha256").update(bytesOf(clientDataJSON)).digest();
  const data = new Uint8Array(Buffer.concat([bytesOf(authenticatorData), hash]));
  return verifySignature({ signature: bytesOf(signature), data, credentialPublicKey: key.cose });
}

function ruleAgainst(made: Record<string, string>, used: Record<string, string>): string | null {
  const { isOffered, uv } = attestedKey(made);
  if (!isOffered) return "an algorithm that is not offered";
  const client = JSON.parse(Buffer.from(bytesOf(made.clientDataJSON)).toString());
  if (client.topOrigin) return "a topOrigin";
  if (client.crossOrigin) return "a frame of another origin";
  if (!uv) return "nobody verified at enrolment";
  return parseAuthenticatorData(bytesOf(used.authenticatorData)).flags.uv
    ? null
    : "nobody verified at assertion";
}

const encode = (hex: string | undefined) => Buffer.from(hex ?? "", "hex").toString("base64url");

async function register(site: typeof rp, given: Record<string, string>) {
  const id = encode(given.credential_id);
  const response = {
    clientDataJSON: encode(given.clientDataJSON),
    attestationObject: encode(given.attestationObject),
  };
  const answer = attestation.parse({
    id,
    rawId: id,
    type: "public-key",
    clientExtensionResults: {},
    response,
  });
  return verifyRegistration(site, Buffer.from(given.challenge ?? "", "hex"), answer);
}

type Made = NonNullable<Awaited<ReturnType<typeof register>>>;

async function assert(
  opened: OpenDatabase,
  site: typeof rp,
  made: Made,
  given: Record<string, string>,
): Promise<boolean> {
  const { suggestedName: _name, ...stored } = made;
  const { userId, fact } = await enrolled(opened, "passkey");
  await opened.database.insert(passkeys).values({ authenticatorId: fact.id, ...stored });
  const challenge = { ...anyChallenge(), webauthnChallenge: Buffer.from(given.challenge ?? "", "hex") };
  const response = {
    clientDataJSON: encode(given.clientDataJSON),
    authenticatorData: encode(given.authenticatorData),
    signature: encode(given.signature),
  };
  const { credentialId: id } = made;
  const answer = { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  const subject = subjectOf({ userId, authenticators: [fact], now: () => new Date() });
  return (await verifies(opened, createPasskeyFactor(site), subject, challenge, answer)).accepted;
}
