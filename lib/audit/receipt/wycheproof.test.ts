import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { verifySignature } from "@simplewebauthn/server/helpers";
import { describe, expect, it } from "vitest";
import { type Cbor, encodeCbor } from "@/lib/step-up/factors/passkey/encode-cbor";
import { hasOneSpelling } from "@/lib/step-up/factors/passkey/signature-form";
import { isSignedByCose } from "./signed-formats.js";

/*
 * Wycheproof's signatures, right and forged, before both who judge a passkey's: whoever takes a proof, and the receipt's
 * own code in the browser. Neither may take what is not a signature, and what one takes the other has to.
 */

type Case = {
  tcId: number;
  comment: string;
  msg: string;
  sig: string;
  result: "valid" | "invalid" | "acceptable";
};
type Group = { publicKeyDer: string; keyJwk?: { e?: string }; tests: Case[] };

const folder = fileURLToPath(new URL("../../../../shared/vectors/wycheproof/", import.meta.url));
const kinds = {
  ES256: "ecdsa_secp256r1_sha256",
  EdDSA: "ed25519",
  RS256: "rsa_signature_2048_sha256",
} as const;
type Kind = keyof typeof kinds;

/** The COSE key (RFC 9053) of a key in its X.509 form. */
function coseOf(kind: Kind, der: string): Uint8Array<ArrayBuffer> {
  const jwk: JsonWebKey = createPublicKey({
    key: Buffer.from(der, "hex"),
    format: "der",
    type: "spki",
  }).export({
    format: "jwk",
  });
  const bytes = (member: string | undefined) => Buffer.from(member ?? "", "base64url");
  const members: Record<Kind, [number, Cbor][]> = {
    ES256: [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(jwk.x)],
      [-3, bytes(jwk.y)],
    ],
    EdDSA: [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(jwk.x)],
    ],
    RS256: [
      [1, 3],
      [3, -257],
      [-1, bytes(jwk.n)],
      [-2, bytes(jwk.e)],
    ],
  };
  return new Uint8Array(encodeCbor(new Map(members[kind])));
}

type Judge = (
  cose: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
) => Promise<boolean>;

const judges: Record<string, Judge> = {
  "the receipt": isSignedByCose,
  "the sign-in": async (credentialPublicKey, signature, data) =>
    (await verifySignature({ signature, data, credentialPublicKey })) &&
    hasOneSpelling(credentialPublicKey, Buffer.from(signature)),
};

const pairs: Record<Kind, () => { publicKey: KeyObject; privateKey: KeyObject }> = {
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: () => generateKeyPairSync("ed25519"),
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
};

describe.each(Object.entries(judges))("%s", (_, judge) => {
  for (const kind of Object.keys(kinds) as Kind[]) {
    it(`takes a signature of ${kind} over these bytes, and over no others`, async () => {
      const { publicKey, privateKey } = pairs[kind]();
      const cose = coseOf(kind, publicKey.export({ format: "der", type: "spki" }).toString("hex"));
      const data = new Uint8Array(Buffer.from("what was confirmed"));
      const signature = new Uint8Array(sign(kind === "EdDSA" ? null : "sha256", data, privateKey));
      expect(await judge(cose, signature, data)).toBe(true);
      expect(await judge(cose, signature, new Uint8Array(Buffer.from("what was swapped")))).toBe(false);
    });
    const file = `${folder}${kinds[kind]}_test.json`;
    // Only where the published vectors are at hand.
    if (existsSync(file))
      it(`takes Wycheproof's signatures of ${kind} that are right, and no other`, async () => {
        const { testGroups } = JSON.parse(readFileSync(file, "utf8")) as { testGroups: Group[] };
        const wrong: string[] = [];
        let judged = 0;
        // Keys that no passkey may have (threats.md 15) are registration.ts's to refuse.
        const sound = testGroups.filter(({ keyJwk }) => keyJwk?.e === undefined || keyJwk.e === "AQAB");
        for (const { publicKeyDer, tests } of sound) {
          const cose = coseOf(kind, publicKeyDer);
          for (const { tcId, comment, msg, sig, result } of tests) {
            // What Wycheproof leaves open: either answer is right.
            if (result === "acceptable") continue;
            const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
            const taken = await judge(cose, bytes(sig), bytes(msg)).catch(() => false);
            judged += 1;
            if (taken !== (result === "valid")) wrong.push(`${tcId} ${comment}: ${result}`);
          }
        }
        expect(judged).toBeGreaterThan(100);
        expect(wrong).toEqual([]);
      });
  }
});
