import { createHash, randomBytes, randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { authenticators } from "@/db/schema/step-up";
import { testDatabases } from "@/db/testing";
import type { AuthenticatorFact } from "../facts";
import type { ChallengeFacts, Factor, Subject, Verdict } from "./factor";

/*
 * FOR TESTS. What every factor must do, whatever it is: see threats.md 3, 8, 11, 17. A new factor passes this before
 * it gets a registry line.
 */

/** Somebody who can answer with the factor. */
export type Owner = {
  userId: string;
  /** Their authenticators of this factor, as the guard reads them; a password and a recovery code have none. */
  authenticators: Subject["authenticators"];
  /** Where an answer belongs to the session that asked for it. */
  sessionId?: string;
  /** The moment at which the next answers come. */
  now(): Date;
  /** A right answer to this challenge, never given before. */
  answers(challenge: ChallengeFacts): Promise<Record<string, unknown>>;
  /** All that the database keeps of this user for the factor, to see that nothing of it was consumed. */
  stored(): Promise<unknown>;
};

export type Contract = {
  name: string;
  factor: Factor;
  enrols(opened: OpenDatabase): Promise<Owner>;
  /** Whether the same answer can be given twice: a password is; that a challenge is answered once is the pipeline's. */
  reusable: boolean;
  /** Whether the answer signs the challenge, so that it answers no other. */
  signs: boolean;
};

/** A challenge as the pipeline opens one. */
export function anyChallenge(): ChallengeFacts {
  const nonce = randomBytes(32);
  const digest = createHash("sha256").update(randomBytes(8)).digest("hex");
  const webauthnChallenge = createHash("sha256").update(nonce).update(digest).digest();
  return { nonce, digest, webauthnChallenge, lockEpoch: 0 };
}

export function subjectOf(
  owner: Pick<Owner, "userId" | "sessionId" | "authenticators" | "now">,
  changes: Partial<Subject> = {},
): Subject {
  const { userId, sessionId = randomUUID(), authenticators: enrolled } = owner;
  return { userId, sessionId, authenticators: enrolled, now: owner.now(), ...changes };
}

/** A row of `authenticators`, as the guard reads it. */
export async function enrolled(
  opened: OpenDatabase,
  factor: AuthenticatorFact["factor"],
  userId: string = randomUUID(),
): Promise<{ userId: string; fact: AuthenticatorFact }> {
  const [fact] = await opened.database
    .insert(authenticators)
    .values({ userId, factor, name: `A ${factor}` })
    .returning();
  if (!fact) throw new Error("the authenticator was not written");
  return { userId, fact };
}

/** One answer in a transaction of its own, which commits whatever the verdict. */
export function verifies(
  opened: OpenDatabase,
  factor: Factor,
  subject: Subject,
  challenge: ChallengeFacts,
  answer: unknown,
): Promise<Verdict> {
  return opened.database.transaction(async (tx) => {
    const verdict = await factor.verify(tx, subject, challenge, answer);
    // A refusal must leave the transaction usable: the failed try is counted in it.
    await tx.execute(sql`select 1`);
    return verdict;
  });
}

/** Runs the contract on both databases, and whatever `more` the factor has to say on the same ones. */
export function describeFactor(contract: Contract, more?: (opened: () => OpenDatabase) => void): void {
  describe.each(testDatabases)(`the factor ${contract.name} on $name`, ({ open }) => {
    const world = {} as World;
    beforeAll(async () => {
      world.opened = await open();
    });
    afterAll(() => world.opened.close());

    describe("keeps the contract: it", () => keepsTheContract(contract, world));
    more?.(() => world.opened);
  });
}

function keepsTheContract(contract: Contract, world: World): void {
  const verify: Verify = (subject, challenge, answer) =>
    verifies(world.opened, contract.factor, subject, challenge, answer);
  beforeEach(async () => {
    world.owner = await contract.enrols(world.opened);
  });
  itOffersItself(contract, world);
  itAcceptsOnce(contract, world, verify);
  itKeepsUsersApart(contract, world, verify);
  itRefusesNonsense(world, verify);
  if (contract.signs) itRefusesOtherChallenges(world, verify);
  itFollowsAuthenticators(contract, world, verify);
}

type World = { opened: OpenDatabase; owner: Owner };
type Verify = (subject: Subject, challenge: ChallengeFacts, answer: unknown) => Promise<Verdict>;

function itOffersItself({ factor, enrols }: Contract, world: World): void {
  it("offers itself to its owner with plain data, and not to somebody who has none", async () => {
    const options = await factor.prepare(world.opened.reader, subjectOf(world.owner), anyChallenge());
    expect(options).not.toBeNull();
    expect(JSON.parse(JSON.stringify(options))).toEqual(options);
    const nobody = subjectOf(world.owner, { userId: randomUUID(), authenticators: [] });
    expect(await factor.prepare(world.opened.reader, nobody, anyChallenge())).toBeNull();
  });

  it("offers itself without a word of what another user has", async () => {
    const other = await enrols(world.opened);
    const borrowed = subjectOf(other, { userId: randomUUID() });
    const options = await factor.prepare(world.opened.reader, borrowed, anyChallenge());
    // Names are the caller's own list; ids of credentials are not.
    if (factor.name !== "totp") expect(options).toBeNull();
  });
}

function itAcceptsOnce({ reusable, factor }: Contract, world: World, verify: Verify): void {
  it("accepts a right answer, and the next one", async () => {
    for (let n = 0; n < 3; n++) {
      const challenge = anyChallenge();
      const answer = await world.owner.answers(challenge);
      expect(await verify(subjectOf(world.owner), challenge, answer)).toMatchObject({ accepted: true });
    }
  });

  if (reusable) return;

  it("refuses the same answer again", async () => {
    const challenge = anyChallenge();
    const answer = await world.owner.answers(challenge);
    expect(await verify(subjectOf(world.owner), challenge, answer)).toMatchObject({ accepted: true });
    expect(await verify(subjectOf(world.owner), challenge, answer)).toMatchObject({ accepted: false });
    expect(await verify(subjectOf(world.owner), anyChallenge(), answer)).toMatchObject({ accepted: false });
  });

  it("accepts one of fifty that come together with the same answer", async () => {
    const challenge = anyChallenge();
    const answer = await world.owner.answers(challenge);
    const subject = subjectOf(world.owner);
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verify(subject, challenge, answer)));
    expect(verdicts.filter((one) => one.accepted)).toHaveLength(1);
  });

  it("has not spent what a transaction took back", async () => {
    const challenge = anyChallenge();
    const answer = await world.owner.answers(challenge);
    const before = await world.owner.stored();
    const subject = subjectOf(world.owner);
    const lost = world.opened.database.transaction(async (tx) => {
      expect(await factor.verify(tx, subject, challenge, answer)).toMatchObject({ accepted: true });
      throw new Error("lost");
    });
    await expect(lost).rejects.toThrow("lost");
    expect(await world.owner.stored()).toEqual(before);
    expect(await verify(subjectOf(world.owner), challenge, answer)).toMatchObject({ accepted: true });
  });
}

function itKeepsUsersApart({ enrols, reusable }: Contract, world: World, verify: Verify): void {
  it("refuses another user's answer, and consumes nothing of theirs", async () => {
    const other = await enrols(world.opened);
    const challenge = anyChallenge();
    const answer = await other.answers(challenge);
    const before = [await other.stored(), await world.owner.stored()];
    const now = other.now();
    expect(await verify(subjectOf(world.owner, { now }), challenge, answer)).toMatchObject({
      accepted: false,
    });
    expect([await other.stored(), await world.owner.stored()]).toEqual(before);
    expect(await verify(subjectOf(other), challenge, answer)).toMatchObject({ accepted: true });
  });

  it("refuses it also where the other's authenticators are taken for this user's", async () => {
    const other = await enrols(world.opened);
    const challenge = anyChallenge();
    const answer = await other.answers(challenge);
    const before = await other.stored();
    const mixed = [...world.owner.authenticators, ...other.authenticators];
    const confused = subjectOf(world.owner, { authenticators: mixed, now: other.now() });
    expect(await verify(confused, challenge, answer)).toMatchObject({ accepted: false });
    expect(await other.stored()).toEqual(before);
  });

  it("spends one user's answers without touching another's", async () => {
    const other = await enrols(world.opened);
    const before = await other.stored();
    const challenge = anyChallenge();
    const mine = await world.owner.answers(challenge);
    expect(await verify(subjectOf(world.owner), challenge, mine)).toMatchObject({ accepted: true });
    expect(await other.stored()).toEqual(before);
    if (!reusable)
      expect(await verify(subjectOf(other, { now: world.owner.now() }), challenge, mine)).toMatchObject({
        accepted: false,
      });
  });
}

function itRefusesNonsense(world: World, verify: Verify): void {
  const refuses = async (answer: unknown, challenge = anyChallenge()) => {
    const verdict = await verify(subjectOf(world.owner), challenge, answer);
    expect(verdict, JSON.stringify(answer)?.slice(0, 300)).toMatchObject({ accepted: false });
  };

  it("refuses whatever value comes for an answer, and never throws", async () => {
    const member = fc.oneof(fc.record({ code: fc.anything() }), fc.record({ password: fc.anything() }));
    const nonsense = fc.oneof(fc.anything(), fc.jsonValue(), member);
    await fc.assert(
      fc.asyncProperty(nonsense, (value) => refuses(value)),
      { numRuns: 150 },
    );
  });

  it("refuses a right answer with a member more, less or of another kind, and consumes nothing", async () => {
    const challenge = anyChallenge();
    const right = await world.owner.answers(challenge);
    const before = await world.owner.stored();
    for (const answer of misshapen(right)) await refuses(answer, challenge);
    expect(await world.owner.stored()).toEqual(before);
    expect(await verify(subjectOf(world.owner), challenge, right)).toMatchObject({ accepted: true });
  });
}

/** A right answer, broken in one place each, at every depth. */
function misshapen(right: Record<string, unknown>): unknown[] {
  const broken: unknown[] = [[right], JSON.stringify(right), { ...right, unexpected: true }];
  for (const [member, value] of Object.entries(right)) {
    if (unread.has(member)) continue;
    const { [member]: _left, ...less } = right;
    const others = [7, true, null, [value], { value }, "", "\u0000", "💥", "A".repeat(100_000)];
    broken.push(less, ...others.map((other) => ({ ...right, [member]: other })));
    if (isRecord(value)) broken.push(...misshapen(value).map((other) => ({ ...right, [member]: other })));
  }
  return broken;
}

/** Members that browsers send and no server reads. */
const unread = new Set(["clientExtensionResults"]);

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

function itRefusesOtherChallenges(world: World, verify: Verify): void {
  it("refuses an answer to another challenge: other nonce, other digest, other label", async () => {
    const challenge = anyChallenge();
    const answer = await world.owner.answers(challenge);
    const before = await world.owner.stored();
    const other = { ...challenge, webauthnChallenge: anyChallenge().webauthnChallenge };
    expect(await verify(subjectOf(world.owner), other, answer)).toMatchObject({ accepted: false });
    expect(await world.owner.stored()).toEqual(before);
    expect(await verify(subjectOf(world.owner), challenge, answer)).toMatchObject({ accepted: true });
  });
}

function itFollowsAuthenticators({ enrols, factor }: Contract, world: World, verify: Verify): void {
  it("names the authenticator that answered", async () => {
    const challenge = anyChallenge();
    const verdict = await verify(subjectOf(world.owner), challenge, await world.owner.answers(challenge));
    expect(verdict).toMatchObject({ authenticatorId: world.owner.authenticators[0]?.id ?? null });
  });

  const without = [
    "left out of the list",
    "removed since the list was read",
    "suspended since the list was read",
  ];
  it.each(without)(
    "refuses the answer of an authenticator that was %s, and does not offer it",
    async (how) => {
      const owner = await enrols(world.opened);
      const [enrolled] = owner.authenticators;
      if (!enrolled) return;
      const challenge = anyChallenge();
      const answer = await owner.answers(challenge);
      const gone = how.startsWith("removed") ? { removedAt: new Date() } : { suspendedAt: new Date() };
      const inList = !how.startsWith("left");
      if (inList)
        await world.opened.database
          .update(authenticators)
          .set(gone)
          .where(eq(authenticators.id, enrolled.id));
      const subject = subjectOf(owner, inList ? {} : { authenticators: [] });
      const before = await owner.stored();
      expect(await verify(subject, challenge, answer)).toMatchObject({ accepted: false });
      expect(await owner.stored()).toEqual(before);
      if (!inList) expect(await factor.prepare(world.opened.reader, subject, challenge)).toBeNull();
    },
  );
}
