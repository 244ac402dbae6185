import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import {
  authenticators,
  codeDestinations,
  deviceFactors,
  passkeys,
  sentCodes,
  totpSeeds,
} from "@/db/schema/step-up";
import type { KeyRing } from "@/lib/platform/key-ring";
import { normaliseCode } from "../factors/normalise-code";
import { attestation } from "../factors/passkey/client-data";
import { verifyRegistration } from "../factors/passkey/registration";
import type { RelyingParty } from "../factors/passkey/relying-party";
import { boundToTicket, spendCode } from "../factors/sent-code/codes";
import { destinationPlace, sealDestination } from "../factors/sent-code/destination";
import { sealSeed } from "../factors/totp/seed";
import { matchStep, spendStep } from "../factors/totp/steps";
import { type EnrolledFactor, type SessionFacts, sentCodeFactors, usableAuthenticators } from "../facts";
import { Invalid } from "../refusal";
import type { Ticket } from "./ticket";

/** How long an authenticator that no second factor vouched for confirms nothing input-bound (design § 6). */
export const probationHours = 24;
/** Each wrong guess is tried against every app: their number is limited (threats.md 33). */
export const mostAuthenticatorApps = 5;

export type Bound = { id: string; name: string; factor: EnrolledFactor; credential: Credential | null };

/** What the log keeps of a passkey, so that a key that was put in its place shows (threats.md 28). */
export type Credential = { credentialId: string; publicKey: string; aaguid: string };

/** Binds an authenticator app, once a code shows that it holds the seed. Throws Invalid in words. */
export async function bindAuthenticatorApp(
  tx: Tx,
  ring: KeyRing,
  facts: SessionFacts,
  ticket: Ticket,
  typed: { code: string; name: string },
): Promise<Bound> {
  const apps = usableAuthenticators(facts.authenticators).filter((one) => one.factor === "totp");
  if (apps.length >= mostAuthenticatorApps)
    throw new Invalid({}, "You have five authenticator apps: remove one first.");
  const code = normaliseCode(typed.code);
  if (code === null) throw new Invalid({ code: "A code has six digits." });
  const step = await matchStep(ticket.seed, code, facts.now);
  if (step === null)
    throw new Invalid({
      code: "That code didn't match. Check your phone's clock or wait for the next code.",
    });
  // The code that activates counts as used, like any other (threats.md 33).
  if (!(await spendStep(tx, facts.userId, step)))
    throw new Invalid({ code: "That code was already used. Wait for the next one." });
  const id = await insertAuthenticator(tx, facts, ticket, "totp", typed.name);
  await tx
    .insert(totpSeeds)
    .values({ authenticatorId: id, sealedSeed: sealSeed(ring, facts.userId, id, ticket.seed) });
  return { id, name: typed.name, factor: "totp", credential: null };
}

/** Binds a passkey that the browser has just made. Throws Invalid in words. */
export async function bindPasskey(
  tx: Tx,
  rp: RelyingParty,
  facts: SessionFacts,
  ticket: Ticket,
  response: string,
): Promise<Bound> {
  const answer = attestation.safeParse(parseJson(response));
  const made = answer.success ? await verifyRegistration(rp, ticket.webauthnChallenge, answer.data) : null;
  if (!made) throw new Invalid({}, "This passkey could not be verified. Try again, or use another device.");
  const { suggestedName, ...passkey } = made;
  const id = await insertAuthenticator(tx, facts, ticket, "passkey", suggestedName);
  // Anybody's, removed ones too, and of two that come at once the second: the index waits for the first.
  const bound = await tx
    .insert(passkeys)
    .values({ authenticatorId: id, ...passkey })
    .onConflictDoNothing({ target: passkeys.credentialId })
    .returning({ id: passkeys.authenticatorId });
  if (bound.length === 0) throw new Invalid({}, "This passkey is already registered.");
  const { credentialId, publicKey, aaguid } = passkey;
  return {
    id,
    name: suggestedName,
    factor: "passkey",
    credential: { credentialId, publicKey: publicKey.toString("base64url"), aaguid },
  };
}

/**
 * Binds the address or number of the ticket once the code that was sent there is typed; null for a wrong code.
 * Counting the try is the caller's.
 */
export async function bindSentCodes(
  tx: Tx,
  ring: KeyRing,
  facts: SessionFacts,
  ticket: Ticket,
  typed: { factor: "email-code" | "sms-code"; code: string; name(destination: string): string },
): Promise<Bound | null> {
  const { destination } = ticket;
  const code = normaliseCode(typed.code);
  const { userId, sessionId } = facts;
  // A ticket for either kind: what was sent to a number binds no address, and the other way round.
  const isNumber = destination?.startsWith("+") ?? false;
  if (destination === null || code === null || isNumber !== (typed.factor === "sms-code")) return null;
  const purpose = { userId, sessionId, boundTo: boundToTicket(ticket.id, destination) };
  const result = await spendCode(tx, ring, purpose, code, isNull(sentCodes.authenticatorId));
  if (!result.spent) return null;
  const name = typed.name(destination);
  const id = await insertAuthenticator(tx, facts, ticket, typed.factor, name);
  const sealedDestination = sealDestination(ring, destinationPlace(userId, id), destination);
  await tx.insert(codeDestinations).values({ authenticatorId: id, sealedDestination });
  return { id, name, factor: typed.factor, credential: null };
}

async function insertAuthenticator(
  tx: Tx,
  facts: SessionFacts,
  ticket: Ticket,
  factor: EnrolledFactor,
  name: string,
): Promise<string> {
  const probationUntil = ticket.onProbation ? sql`now() + make_interval(hours => ${probationHours})` : null;
  const [row] = await tx
    .insert(authenticators)
    .values({ userId: facts.userId, factor, name, probationUntil })
    .returning({ id: authenticators.id });
  if (!row) throw new Error("the authenticator was not written");
  return row.id;
}

/**
 * What was just bound on a device is what its owner wants to be asked for there, unless it is a weaker way than what is
 * there. Only where the device is known already: binding is no proof, and makes no stranger's device a known one. Comes
 * after the sessions were locked, as in verify-proof.ts.
 */
export async function offerFirst(tx: Tx, facts: SessionFacts, factor: EnrolledFactor): Promise<void> {
  if (!facts.deviceHash || sentCodeFactors.includes(factor)) return;
  await tx
    .update(deviceFactors)
    .set({ lastFactor: factor })
    .where(and(eq(deviceFactors.deviceHash, facts.deviceHash), eq(deviceFactors.userId, facts.userId)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
