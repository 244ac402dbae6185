import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { type Cbor, encodeCbor } from "./encode-cbor";

/*
 * FOR TESTS. A WebAuthn authenticator and its browser in one: registers and asserts like a real pair, and can be told
 * to get any single step wrong. It shares no code with the library that verifies.
 */

export type Algorithm = "es256" | "eddsa" | "rs256";

/** What the server asks for. */
export type Ceremony = { challenge: Buffer; rpId: string; origin: string };

/** Every step that can be got wrong. What is left out is done right. */
export type Faults = {
  type?: string;
  challenge?: Buffer;
  origin?: string;
  rpId?: string;
  crossOrigin?: unknown;
  topOrigin?: unknown;
  /** In place of the client data, as bytes. */
  clientData?: Buffer;
  userPresent?: boolean;
  userVerified?: boolean;
  backupEligible?: boolean;
  backedUp?: boolean;
  counter?: number;
  /** What the browser says the id is. */
  id?: string;
  rawId?: string;
  /** What the authenticator says the id is (registration). */
  attestedId?: Buffer;
  userHandle?: string | null;
  /** The COSE key that is registered (registration). */
  publicKey?: Cbor | Buffer;
  format?: { fmt: string; attStmt: Cbor };
  attestationObject?: Buffer;
  /** Changes the authenticator data before it is signed. */
  authenticatorData?: (right: Buffer) => Buffer;
  signature?: (right: Buffer) => Buffer;
};

export class SoftwareAuthenticator {
  readonly credentialId = randomBytes(32);
  readonly aaguid = randomBytes(16);
  counter = 0;
  /** The handle that the server gave at registration; sent back when asserting. */
  userHandle: string | null = null;
  private readonly keys: { publicKey: KeyObject; privateKey: KeyObject };

  constructor(
    readonly algorithm: Algorithm = "es256",
    /** `counts`: like a security key. Synced passkeys have no counter: it stays 0. */
    private readonly traits: { counts?: boolean; synced?: boolean } = {},
  ) {
    this.keys = newKeys(algorithm);
  }

  get id(): string {
    return this.credentialId.toString("base64url");
  }

  /** The key as WebAuthn hands it over (RFC 9053): members by their COSE numbers. */
  publicKey(): Map<number, Cbor> {
    return coseKey(this.algorithm, this.keys.publicKey);
  }

  /** RegistrationResponseJSON. */
  register(asked: Ceremony, faults: Faults = {}) {
    const attestedId = faults.attestedId ?? this.credentialId;
    const publicKey = faults.publicKey ?? this.publicKey();
    const attested = Buffer.concat([
      this.aaguid,
      uint16(attestedId.length),
      attestedId,
      Buffer.isBuffer(publicKey) ? publicKey : encodeCbor(publicKey),
    ]);
    const authData = this.authenticatorData(asked, faults, attested);
    const { fmt, attStmt } = faults.format ?? { fmt: "none", attStmt: new Map() };
    const object = new Map<string, Cbor>([
      ["fmt", fmt],
      ["attStmt", attStmt],
      ["authData", authData],
    ]);
    return {
      ...this.envelope(faults),
      response: {
        clientDataJSON: base64url(clientData("webauthn.create", asked, faults)),
        attestationObject: base64url(faults.attestationObject ?? encodeCbor(object)),
        transports: ["internal", "hybrid"],
      },
    };
  }

  /** AuthenticationResponseJSON. */
  assert(asked: Ceremony, faults: Faults = {}) {
    if (this.traits.counts) this.counter += 1;
    const authData = this.authenticatorData(asked, faults);
    const client = clientData("webauthn.get", asked, faults);
    const signed = Buffer.concat([authData, createHash("sha256").update(client).digest()]);
    const signature = sign(this.algorithm === "eddsa" ? null : "sha256", signed, this.keys.privateKey);
    return {
      ...this.envelope(faults),
      response: {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(authData),
        signature: base64url(faults.signature?.(signature) ?? signature),
        userHandle: faults.userHandle !== undefined ? faults.userHandle : this.userHandle,
      },
    };
  }

  private envelope(faults: Faults) {
    const id = faults.id ?? this.id;
    return {
      id,
      rawId: faults.rawId ?? id,
      type: "public-key",
      authenticatorAttachment: "platform",
      clientExtensionResults: {},
    };
  }

  /** WebAuthn § 6.1: hash of the RP ID, flags, counter and, at registration, the attested credential. */
  private authenticatorData({ rpId }: Ceremony, faults: Faults, attested?: Buffer): Buffer {
    const flags =
      bit(0, faults.userPresent ?? true) |
      bit(2, faults.userVerified ?? true) |
      bit(3, faults.backupEligible ?? this.traits.synced ?? false) |
      bit(4, faults.backedUp ?? this.traits.synced ?? false) |
      bit(6, attested !== undefined);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(faults.counter ?? this.counter);
    const rpIdHash = createHash("sha256")
      .update(faults.rpId ?? rpId)
      .digest();
    const right = Buffer.concat([rpIdHash, Buffer.from([flags]), counter, attested ?? Buffer.alloc(0)]);
    return faults.authenticatorData?.(right) ?? right;
  }
}

function clientData(type: string, asked: Ceremony, faults: Faults): Buffer {
  if (faults.clientData) return faults.clientData;
  const data: Record<string, unknown> = {
    type: faults.type ?? type,
    challenge: base64url(faults.challenge ?? asked.challenge),
    origin: faults.origin ?? asked.origin,
    crossOrigin: "crossOrigin" in faults ? faults.crossOrigin : false,
  };
  if ("topOrigin" in faults) data.topOrigin = faults.topOrigin;
  return Buffer.from(JSON.stringify(data));
}

function newKeys(algorithm: Algorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === "es256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (algorithm === "eddsa") return generateKeyPairSync("ed25519");
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function coseKey(algorithm: Algorithm, publicKey: KeyObject): Map<number, Cbor> {
  const jwk = publicKey.export({ format: "jwk" });
  const bytes = (member: string | undefined) => Buffer.from(member ?? "", "base64url");
  if (algorithm === "es256") return cose([1, 2], [3, -7], [-1, 1], [-2, bytes(jwk.x)], [-3, bytes(jwk.y)]);
  if (algorithm === "eddsa") return cose([1, 1], [3, -8], [-1, 6], [-2, bytes(jwk.x)]);
  return cose([1, 3], [3, -257], [-1, bytes(jwk.n)], [-2, bytes(jwk.e)]);
}

/** A COSE key from its members. */
export function cose(...members: [number, Cbor][]): Map<number, Cbor> {
  return new Map(members);
}

function base64url(bytes: Buffer): string {
  return bytes.toString("base64url");
}

function bit(position: number, set: boolean): number {
  return set ? 1 << position : 0;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
