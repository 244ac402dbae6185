import { eq, sql } from "drizzle-orm";
import { auditEvents } from "@/db/schema/audit";
import { codeAttempts } from "@/db/schema/step-up";
import type { SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import { type MadePerson, must, type World } from "../fixtures/world";
import type { Caller } from "./caller";
import { type Answer, type Sent, send } from "./wire";

/* What a race needs: many requests that are ready to go, and what is left in the database afterwards. */

export type Challenge = { token: string; webauthnChallenge: string | null };

/** What an action answered. Throws when it is no answer of an action. */
export function resultOf({ status, text }: Answer): Record<string, unknown> & { status: string } {
  const row = /^1:(\{.*\})$/m.exec(text)?.[1];
  if (!row) throw new Error(`Expected an action's answer, got ${status} ${text.slice(0, 200)}`);
  return JSON.parse(row);
}

/** How often each of these came. */
export function tally(values: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

export function statusesOf(answers: Answer[]): Record<string, number> {
  return tally(answers.map((answer) => resultOf(answer).status));
}

/** How many were refused in these ways. `failed` is one only where every connection was taken: see `unexpected`. */
export function refused(statuses: Record<string, number>, ...kinds: string[]): number {
  return [...kinds, "failed"].reduce((sum, kind) => sum + (statuses[kind] ?? 0), 0);
}

/**
 * What a busy machine and these tests explain: no connection was free in time, a session that another one's success
 * has locked (lib/step-up/grant.ts), and the fault that a test put there.
 */
const explained =
  /timeout exceeded when trying to connect|connection timeout|The grant was refused: it has ended|"because":"P0001"/;

/** The errors in an app's log that nothing explains. */
export function unexpected(log: readonly string[]): string[] {
  const lines = log.join("").split("\n");
  return lines.filter((line) => /"level":"error"|unhandled|uncaught/i.test(line) && !explained.test(line));
}

/** The call without a proof, and the challenge that it is refused with. */
export async function challengeFor(caller: Caller, action: string, input: unknown): Promise<Challenge> {
  const answer = await send(caller.origin, caller.call(action, input));
  const { token } = (resultOf(answer) as unknown as { challenge: { token: string } }).challenge;
  const webauthnChallenge = /"request":\{[^}]*"challenge":"([\w-]{43})"/.exec(answer.text)?.[1] ?? null;
  return { token, webauthnChallenge };
}

/** A call that is ready to go: with a challenge of its own, and an answer to it. */
export async function proved(
  caller: Caller,
  action: string,
  input: unknown,
  factor: string,
  answer: unknown,
): Promise<Sent> {
  const { token } = await challengeFor(caller, action, input);
  return caller.call(action, input, { proof: { token, factor, answer } });
}

/** A passkey's answer to a challenge, as a browser on the app's own page gives it. */
export function asserts(device: SoftwareAuthenticator, caller: Caller, challenge: Challenge) {
  return device.assert({
    challenge: Buffer.from(must(challenge.webauthnChallenge), "base64url"),
    rpId: "localhost",
    origin: caller.origin,
  });
}

/** The same, by a passkey: each call has a challenge and an assertion of its own. */
export async function signed(
  device: SoftwareAuthenticator,
  caller: Caller,
  action: string,
  input: unknown,
): Promise<Sent> {
  const challenge = await challengeFor(caller, action, input);
  const proof = { token: challenge.token, factor: "passkey", answer: asserts(device, caller, challenge) };
  return caller.call(action, input, { proof });
}

/** Six digits that no step near now has. */
export async function wrongCode(world: World, seed: string): Promise<string> {
  const near = await Promise.all([-2, -1, 0, 1, 2].map((steps) => world.code(seed, steps)));
  return must(
    ["000000", "111111", "222222", "333333", "444444", "555555"].find((one) => !near.includes(one)),
  );
}

/** The log's rows of a person's action, by outcome. */
export async function outcomesOf(world: World, person: MadePerson, action: string) {
  const rows = await world.database.select().from(auditEvents).where(eq(auditEvents.actorId, person.id));
  return rows.filter((row) => row.action === action && row.outcome === "allowed").length;
}

/** Failed codes of one kind that count against a person, over all sessions. */
export async function failuresOf(world: World, person: MadePerson, budget: string): Promise<number> {
  const rows = await world.database.select().from(codeAttempts).where(eq(codeAttempts.userId, person.id));
  return rows.filter((row) => row.budget === budget).reduce((sum, { failures }) => sum + failures, 0);
}

/** Saving this customer fails in the database, for as long as `during` runs: a fault, and no refusal. */
export async function savingFails(world: World, customerId: string, during: () => Promise<void>) {
  await world.database.execute(sql`create function fault() returns trigger language plpgsql as
    $$ begin raise exception 'a fault of the test'; end $$`);
  await world.database.execute(
    sql.raw(`create trigger fault before update on customers for each row
      when (new.id = '${customerId}') execute function fault()`),
  );
  await during();
  await world.database.execute(sql`drop function fault() cascade`);
}
