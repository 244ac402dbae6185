import { createHash, randomUUID } from "node:crypto";
import { and, desc, eq, isNotNull, type SQL, sql } from "drizzle-orm";
import { generate } from "otplib";
import type { OpenDatabase } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { contractDetails, contracts, customers } from "@/db/schema/customers";
import { outbox } from "@/db/schema/outbox";
import { people, type Role, teams } from "@/db/schema/people";
import { policyVersions } from "@/db/schema/policy";
import type { SignInRisk } from "@/db/schema/sessions";
import { authenticators, codeDestinations, passkeys, totpSeeds } from "@/db/schema/step-up";
import { testDatabases } from "@/db/testing";
import type { AuditAction } from "@/lib/audit/events";
import type { Opening } from "@/lib/audit/opening";
import { readOpening } from "@/lib/audit/read-opening";
import { type StoredRow, storedColumns } from "@/lib/audit/stored";
import { recordDecision } from "@/lib/define-action";
import { factors } from "@/lib/factors";
import { bodyOf } from "@/lib/notices/outbox";
import { textMessageOf } from "@/lib/notices/text-message";
import type { Person } from "@/lib/people/person";
import { type Environment, readEnvironment } from "@/lib/platform/env";
import { hashSecret } from "@/lib/platform/password-hash";
import type { Secrets } from "@/lib/platform/secrets";
import { requirementOf } from "@/lib/policy/policy";
import type { ActionName } from "@/lib/protected-actions";
import type { PublicCommand, PublicResult, Visitor } from "@/lib/public-command";
import { type CurrentSession, type PresentedCookie, prepareReadSession } from "@/lib/session/read-session";
import { rotateSecret, sessionHolds, touch } from "@/lib/session/rotation";
import { createSession } from "@/lib/session/sign-in";
import type { ActionResult, Challenge, Envelope } from "@/lib/step-up/action-result";
import type { Command } from "@/lib/step-up/command";
import { createStepUp } from "@/lib/step-up/create-step-up";
import type { ClaimedDownload } from "@/lib/step-up/download";
import { issueRecoveryCodes } from "@/lib/step-up/factors/recovery-code/codes";
import { destinationPlace, sealDestination } from "@/lib/step-up/factors/sent-code/destination";
import { newSeed, sealSeed } from "@/lib/step-up/factors/totp/seed";
import type { FactorName } from "@/lib/step-up/facts";
import type { Ports } from "@/lib/step-up/ports";
import { Forbidden, Invalid } from "@/lib/step-up/refusal";

export type Proof = NonNullable<Envelope["proof"]>;
export type CallOptions = { callId?: string; proof?: Proof; person?: string };

export const testSecrets: Secrets = {
  nextAuth: "a secret for the tests only, of 44 characters",
  encryptionKeys: [{ id: "test", key: Buffer.alloc(32, 7) }],
  auditKey: Buffer.alloc(32, 9),
};

export const password = "correct horse battery staple";
const passwordHash = hashSecret(password);

/** An empty, migrated database with the whole pipeline on top: only cookie and headers are plain variables. */
export class World {
  /** Every statement since `listen()`. */
  queries: string[] = [];
  /** What the diagnostic log was told. */
  readonly failures: unknown[] = [];
  /** The guard's one query, prepared once. */
  readonly readSession: ReturnType<typeof prepareReadSession>;

  private constructor(
    private readonly opened: OpenDatabase,
    readonly team: string,
    demo: boolean,
  ) {
    this.readSession = prepareReadSession(opened.reader, demo);
  }

  /** `mail`: a real installation that sends mail; otherwise a demo, whose mails go nowhere. */
  static async open(
    kind: "PGlite" | "PostgreSQL",
    options: { demo?: boolean; mail?: boolean; through?: (url: string) => string } = {},
  ): Promise<World> {
    globalThis.keyturnSecrets = testSecrets;
    globalThis.keyturnEnvironment = environmentOfTests(options.mail ? withMail : {});
    let world: World | undefined;
    const found = testDatabases.find((one) => one.name === kind);
    if (!found) throw new Error(`There is no test database ${kind}`);
    const { through } = options;
    const opened = await found.open({ onQuery: (statement) => world?.queries.push(statement), through });
    const [team] = await opened.database.insert(teams).values({ name: "North" }).returning({ id: teams.id });
    world = new World(opened, team?.id ?? "", options.demo ?? true);
    return world;
  }

  get database() {
    return this.opened.database;
  }

  get reader() {
    return this.opened.reader;
  }

  close(): Promise<void> {
    return this.opened.close();
  }

  /** The database's clock: the only one. */
  async now(): Promise<Date> {
    const [row] = await this.rows<{ ms: number }>(
      sql`select (extract(epoch from now()) * 1000)::float8 as ms`,
    );
    return new Date(Number(row?.ms));
  }

  /** A statement of the test itself: what an administrator, the clock or an intruder would do. */
  async rows<Row extends Record<string, unknown>>(statement: SQL): Promise<Row[]> {
    const result = (await this.database.execute<Row>(statement)) as unknown as { rows: Row[] };
    return result.rows;
  }

  async count(from: SQL): Promise<number> {
    const [row] = await this.rows<{ n: number }>(sql`select count(*)::int as n from ${from}`);
    return row?.n ?? 0;
  }

  /** How many wait for a lock in this database: the server has those of the tests that run beside. */
  waiters(): Promise<number> {
    return this.count(
      sql`pg_locks l join pg_stat_activity a using (pid) where a.datname = current_database() and not l.granted`,
    );
  }

  async newTeam(name: string = randomUUID()): Promise<string> {
    const [row] = await this.database.insert(teams).values({ name }).returning({ id: teams.id });
    return row?.id ?? "";
  }

  employee(wanted: Omit<Wanted, "role"> = {}): Promise<Someone> {
    return this.someone({ ...wanted, role: "employee" });
  }

  manager(wanted: Omit<Wanted, "role"> = {}): Promise<Someone> {
    return this.someone({ ...wanted, role: "manager" });
  }

  administrator(wanted: Omit<Wanted, "role"> = {}): Promise<Someone> {
    return this.someone({ ...wanted, role: "administrator", team: null });
  }

  auditor(wanted: Omit<Wanted, "role"> = {}): Promise<Someone> {
    return this.someone({ ...wanted, role: "auditor", team: null });
  }

  /** Ada, who asks, and Alan, who may approve, each with an authenticator app and signed in. */
  async administrators() {
    const ada = await this.administrator({ totp: true, name: "Ada" });
    const alan = await this.administrator({ totp: true, name: "Alan" });
    return { ada, alan, adas: await ada.signsIn(), alans: await alan.signsIn() };
  }

  private async someone({ role, totp, team, demo, name }: Wanted): Promise<Someone> {
    const email = `${randomUUID()}@keyturn.example`;
    const [row] = await this.database
      .insert(people)
      .values({
        email,
        name: name ?? "Someone",
        role,
        teamId: team === undefined ? this.team : team,
        passwordHash: await passwordHash,
        isDemo: demo ?? false,
      })
      .returning({ id: people.id });
    if (!row) throw new Error("the person was not written");
    const someone = new Someone(this, row.id, email);
    if (totp) await someone.hasAnAuthenticatorApp();
    return someone;
  }

  async customer(
    values: Partial<typeof customers.$inferInsert> = {},
  ): Promise<{ id: string; version: number }> {
    const [row] = await this.database
      .insert(customers)
      .values({ name: "Acme GmbH", city: "Hamburg", teamId: this.team, ...values })
      .returning({ id: customers.id, version: customers.version });
    if (!row) throw new Error("the customer was not written");
    return row;
  }

  async customerRow(id: string) {
    const [row] = await this.database.select().from(customers).where(eq(customers.id, id));
    if (!row) throw new Error("there is no such customer");
    return row;
  }

  async contract(customerId: string): Promise<{ id: string }> {
    const number = `V-${randomUUID()}`;
    const [row] = await this.database
      .insert(contracts)
      .values({ customerId, number, title: "Supply contract", status: "active", startsOn: "2026-01-01" })
      .returning({ id: contracts.id });
    if (!row) throw new Error("the contract was not written");
    await this.database.insert(contractDetails).values({
      contractId: row.id,
      value: "1000.00",
      currency: "EUR",
      paymentTerms: "30 days",
      noticePeriod: "3 months",
      clauses: [],
      signatories: [],
    });
    return row;
  }

  /** A new version of the administrators' policy, in force at the next check. */
  async policy(actions: unknown, rest: object = {}): Promise<void> {
    const [last] = await this.rows<{ version: number }>(
      sql`select coalesce(max(version), 0) as version from policy_versions`,
    );
    await this.database
      .insert(policyVersions)
      .values({ version: Number(last?.version ?? 0) + 1, document: { actions, ...rest } });
  }

  audit(action?: AuditAction) {
    const rows = this.database.select(storedColumns).from(auditEvents);
    return (action ? rows.where(eq(auditEvents.action, action)) : rows).orderBy(auditEvents.seq);
  }

  /** What a row tells of its record, opened with the record's key; null where that is erased, or there is nothing. */
  async told(row: Pick<StoredRow, "id" | "sealed">): Promise<Opening | null> {
    const { told } = await readOpening(this.reader, testSecrets.encryptionKeys, row);
    return told;
  }

  /** What a proof could have consumed: equal before and after means that nothing was. */
  async spent(): Promise<Record<string, unknown>> {
    const [row] = await this.rows<Record<string, unknown>>(sql`select
      (select coalesce(json_agg(a order by a.user_id, a.session_id), '[]') from code_attempts a)::text as attempts,
      (select count(*)::int from spent_nonces) as nonces,
      (select coalesce(json_agg(s order by s.user_id), '[]') from totp_steps s)::text as steps,
      (select count(*)::int from evidence) as evidence,
      (select count(*)::int from grants) as grants`);
    return row ?? {};
  }

  /** What somebody without a session does, in a browser of their own: its refusals as data, as the app tells them. */
  async visits<Input, Data>(
    command: PublicCommand<Input, Data>,
    input: Input,
    visitor: Partial<Visitor> = {},
  ): Promise<PublicResult<Data> & { session?: PresentedCookie | undefined }> {
    const who = { deviceHash: randomUUID(), userAgent: "Tests", address: "192.0.2.7", ...visitor };
    try {
      const ran = await this.database.transaction((tx) => command.run(tx, command.input.parse(input), who));
      return { status: "done", data: ran.data, session: ran.session };
    } catch (error) {
      if (error instanceof Invalid)
        return { status: "invalid", fields: error.fields, message: error.message };
      if (error instanceof Forbidden) return { status: "forbidden", message: error.message };
      throw error;
    }
  }

  /** The mails to an address, the newest first, as their reader sees them. */
  async mailsTo(email: string): Promise<{ kind: string; subject: string; body: string; links: string[] }[]> {
    const rows = await this.database
      .select()
      .from(outbox)
      .where(eq(outbox.recipient, email))
      .orderBy(desc(outbox.createdAt));
    return rows.map((row) => {
      const body = bodyOf(row) ?? "";
      const links = [...body.matchAll(/https?:\S+#([\w-]+)/g)].map(([, token = ""]) => token);
      return { kind: row.kind, subject: row.subject, body, links };
    });
  }

  /** Every table as text, as a thief of the database would read it. */
  async everythingStored(): Promise<string> {
    const tables = await this.rows<{ name: string }>(
      sql`select tablename as name from pg_tables where schemaname = 'public'`,
    );
    const texts = [];
    for (const { name } of tables) {
      const [row] = await this.rows<{ all: string }>(
        sql`select coalesce(json_agg(t), '[]')::text as all from ${sql.identifier(name)} t`,
      );
      texts.push(row?.all);
    }
    return texts.join("\n");
  }
}

type Wanted = { role: Role; totp?: boolean; team?: string | null; demo?: boolean; name?: string };

export class Someone {
  seed = "";
  authenticatorId = "";

  constructor(
    readonly world: World,
    readonly id: string,
    readonly email: string,
  ) {}

  /** An app that an existing second factor vouched for, unless it is on probation. */
  async hasAnAuthenticatorApp(options: { onProbation?: boolean } = {}): Promise<void> {
    const { database } = this.world;
    this.seed = newSeed();
    const probationUntil = options.onProbation ? sql`now() + interval '24 hours'` : null;
    const [row] = await database
      .insert(authenticators)
      .values({ userId: this.id, factor: "totp", name: "Phone", probationUntil })
      .returning({ id: authenticators.id });
    if (!row) throw new Error("the authenticator was not written");
    this.authenticatorId = row.id;
    const sealedSeed = sealSeed(testSecrets.encryptionKeys, this.id, row.id, this.seed);
    await database.insert(totpSeeds).values({ authenticatorId: row.id, sealedSeed });
  }

  /** A passkey as the database knows it; nobody here can answer with it. */
  async hasAPasskey(name = "Key"): Promise<string> {
    const { database } = this.world;
    const [row] = await database
      .insert(authenticators)
      .values({ userId: this.id, factor: "passkey", name })
      .returning({ id: authenticators.id });
    if (!row) throw new Error("the authenticator was not written");
    await database.insert(passkeys).values({
      authenticatorId: row.id,
      credentialId: randomUUID(),
      publicKey: Buffer.alloc(1),
      counter: 0,
      aaguid: "00000000-0000-0000-0000-000000000000",
      backupEligible: true,
      backedUp: true,
    });
    return row.id;
  }

  /** A verified address or number that codes are sent to; returns the authenticator's id. */
  async hasCodesBy(factor: "email-code" | "sms-code"): Promise<string> {
    const { database } = this.world;
    const name = `Codes by ${factor}`;
    const [row] = await database.insert(authenticators).values({ userId: this.id, factor, name }).returning();
    if (!row) throw new Error("the authenticator was not written");
    const number = `+49170${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
    const place = destinationPlace(this.id, row.id);
    const sealedDestination = sealDestination(
      testSecrets.encryptionKeys,
      place,
      factor === "sms-code" ? number : this.email,
    );
    await database.insert(codeDestinations).values({ authenticatorId: row.id, sealedDestination });
    return row.id;
  }

  /** The newest code that was sent to this person, by mail or text message, as its reader sees it. */
  async newestCode(): Promise<string> {
    const rows = await this.world.database
      .select()
      .from(outbox)
      .where(and(eq(outbox.personId, this.id), isNotNull(outbox.expiresAt)))
      .orderBy(desc(outbox.createdAt))
      .limit(1);
    const text = rows.map((row) => (row.channel === "sms" ? textMessageOf(row)?.text : bodyOf(row)))[0];
    return /\b\d{6}\b/.exec(text ?? "")?.[0] ?? "";
  }

  hasRecoveryCodes(): Promise<string[]> {
    return this.world.database.transaction((tx) => issueRecoveryCodes(tx, this.id));
  }

  /** What the app shows now, by the database's clock. */
  async code(seed = this.seed): Promise<string> {
    const epoch = Math.floor((await this.world.now()).getTime() / 1000);
    return generate({ secret: seed, epoch });
  }

  /** Six digits that no step near now has. */
  async wrongCode(): Promise<string> {
    const epoch = Math.floor((await this.world.now()).getTime() / 1000);
    const near = await Promise.all(
      [-60, -30, 0, 30, 60].map((by) => generate({ secret: this.seed, epoch: epoch + by })),
    );
    return (
      ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.includes(code)) ?? ""
    );
  }

  /** As if two minutes had passed since the last code: the one on the display is a new one. */
  async waitsForTheNextCode(): Promise<void> {
    await this.world.rows(sql`update totp_steps set last_step = last_step - 4 where user_id = ${this.id}`);
  }

  /** `awaits`: what about this sign-in asks for a second factor. */
  async signsIn(options: { device?: string; awaits?: SignInRisk[] } = {}): Promise<Browser> {
    const deviceHash = createHash("sha256")
      .update(options.device ?? randomUUID())
      .digest("hex");
    const device = { deviceHash, userAgent: "Tests", address: "192.0.2.1" };
    const cookie = await this.world.database.transaction((tx) =>
      createSession(tx, this.id, device, options.awaits ?? null),
    );
    return new Browser(this.world, this, cookie);
  }
}

/** A browser of one person: a cookie, and the calls that carry it. */
export class Browser {
  /** Every cookie that was set, the newest last. */
  readonly delivered: PresentedCookie[] = [];
  originAllowed = true;
  /** The device value that was set last. */
  device: string | null = null;
  private kept: CurrentSession | null | undefined;
  address = "192.0.2.1";
  /** What comes between a proof and the change that it confirms: between the two transactions. */
  afterProof: () => Promise<void> = async () => undefined;

  constructor(
    readonly world: World,
    readonly person: Someone,
    public cookie: PresentedCookie,
  ) {}

  get sessionId(): string {
    return this.cookie.sessionId;
  }

  /** Another holder of the cookie as it is now: a copy made by a thief, or a tab that missed an answer. */
  copy(): Browser {
    return new Browser(this.world, this.person, { ...this.cookie });
  }

  /** A request that was already past the guard when something else happened: it goes on with what it had read. */
  holdsItsSession(session: CurrentSession | null): Browser {
    const request = this.copy();
    request.kept = session;
    return request;
  }

  async calls<Name extends ActionName, Input, Subject, Data>(
    command: Command<Name, Input, Subject, Data, Person>,
    input: unknown,
    options: CallOptions = {},
  ): Promise<ActionResult<Data>> {
    const { callId = randomUUID(), person = this.person.id, proof } = options;
    return this.posts(command, { input, callId, person, ...(proof ? { proof } : {}) });
  }

  /** Sends an envelope as it is, malformed ones too. */
  async posts<Name extends ActionName, Input, Subject, Data>(
    command: Command<Name, Input, Subject, Data, Person>,
    envelope: unknown,
  ): Promise<ActionResult<Data>> {
    return createStepUp(this.ports()).defineAction(command)(envelope as Envelope);
  }

  /** The call, the prompt, a right code, the call again: what a person does. */
  async stepsUp<Name extends ActionName, Input, Subject, Data>(
    command: Command<Name, Input, Subject, Data, Person>,
    input: unknown,
    options: CallOptions = {},
  ): Promise<ActionResult<Data>> {
    const proof = await this.answersWithCode(await this.calls(command, input, options));
    return this.calls(command, input, { ...options, proof });
  }

  /** The same right after another code: with the next one. */
  async stepsUpAgain<Name extends ActionName, Input, Subject, Data>(
    command: Command<Name, Input, Subject, Data, Person>,
    input: unknown,
  ): Promise<ActionResult<Data>> {
    await this.person.waitsForTheNextCode();
    return this.stepsUp(command, input);
  }

  /** The same with any factor: for what is accepted, and for what must not be. */
  async confirms<Name extends ActionName, Input, Subject, Data>(
    command: Command<Name, Input, Subject, Data, Person>,
    input: unknown,
    factor: FactorName,
    answer: unknown,
  ): Promise<ActionResult<Data>> {
    const proof = this.answers(await this.calls(command, input), factor, answer);
    return this.calls(command, input, { proof });
  }

  async answersWithCode(result: ActionResult<unknown>, code?: string): Promise<Proof> {
    return this.answers(result, "totp", { code: code ?? (await this.person.code()) });
  }

  answers(result: ActionResult<unknown>, factor: FactorName, answer: unknown): Proof {
    return { token: challengeOf(result).token, factor, answer };
  }

  /** The session as pages read it; null when it has ended, or is held. */
  async session(): Promise<CurrentSession | null> {
    const session = await this.sessionFor(null);
    return session === "held" ? null : session;
  }

  /** The same as the guard reads it for an action. */
  async sessionFor(action: string | null): Promise<CurrentSession | "held" | null> {
    if (this.kept !== undefined) return this.kept;
    const session = await this.world.readSession(this.cookie, action);
    if (session && session !== "held") await touch(this.world.database, session);
    return session;
  }

  /** Asks for the file that a call has unlocked. */
  async claims(action: ActionName, token: string): Promise<ClaimedDownload | null> {
    const session = await this.session();
    return session && createStepUp(this.ports()).claimDownload(action, session, token);
  }

  private ports(): Ports<Person> {
    const { world } = this;
    return {
      database: async () => ({ database: world.database, reader: world.reader }),
      session: {
        read: (action) => this.sessionFor(action),
        rotate: rotateSecret,
        deliver: async ({ sessionId, secret }) => {
          this.cookie = { sessionId, secret };
          this.delivered.push(this.cookie);
          await this.afterProof();
        },
        deliverDevice: async (value) => {
          this.device = value;
        },
        holds: sessionHolds,
      },
      originAllowed: async () => this.originAllowed,
      requirementOf,
      audit: { record: (tx, entry) => recordDecision(tx, entry, this.address) },
      factors: factors(environmentOfTests(), testSecrets),
      keys: testSecrets.encryptionKeys,
      onFailure: (_reference, _action, error) => void world.failures.push(error),
    };
  }
}

/** The challenge that an answer carries; throws with the status when it has none. */
export function challengeOf(result: ActionResult<unknown>): Challenge {
  if ("challenge" in result && result.challenge) return result.challenge;
  throw new Error(`Expected a challenge, got ${JSON.stringify(result)}`);
}

/** The data of a call that was done; throws with the whole answer when it was not. */
export function dataOf<Data>(result: ActionResult<Data>): Data {
  if (result.status === "done") return result.data;
  throw new Error(`Expected done, got ${JSON.stringify(result)}`);
}

/** The same sealed text with one byte of its body turned. */
export function tampered(token: string): string {
  const parts = token.split(".");
  const body = Buffer.from(parts[3] ?? "", "base64url");
  body[0] = (body[0] ?? 0) ^ 1;
  return [...parts.slice(0, 3), body.toString("base64url")].join(".");
}

/** A form as the edit dialog posts it. */
export function fieldsOf(changes: Record<string, unknown> = {}) {
  return {
    name: "Acme GmbH",
    email: "",
    phone: "",
    street: "",
    city: "Hamburg",
    postalCode: "",
    country: "DE",
    ...changes,
  };
}

/** `fieldsOf`, saved against a version. */
export function edit(customer: { id: string; version: number }, changes: Record<string, unknown> = {}) {
  return { customerId: customer.id, version: customer.version, fields: fieldsOf(changes) };
}

export const ibans = { first: "DE89370400440532013000", second: "GB82WEST12345698765432" };

export function bankChange(
  customer: { id: string; version: number },
  iban: string = ibans.first,
  accountHolder = "Acme GmbH",
) {
  return { customerId: customer.id, version: customer.version, bankDetails: { accountHolder, iban } };
}

const withMail = {
  KEYTURN_DEMO: "0",
  SMTP_URL: "smtp://localhost:2525",
  KEYTURN_MAIL_FROM: "keyturn@keyturn.example",
};

function environmentOfTests(more: Record<string, string> = {}): Environment {
  return readEnvironment({
    NODE_ENV: "test",
    KEYTURN_URL: "http://localhost:3000",
    KEYTURN_DATA_DIR: "/nonexistent",
    ...more,
  });
}
