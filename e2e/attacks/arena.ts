import { mkdirSync, writeFileSync } from "node:fs";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { auditEvents } from "@/db/schema/audit";
import { Installation } from "../fixtures/installation";
import { must, required } from "../fixtures/world";
import { actionRequest, type Caller } from "./caller";
import { type Cast, type Example, openCast } from "./examples";
import { stateOf } from "./state";
import { type Answer, type Sent, send } from "./wire";

/** Who calls, by their place in the cast; "nobody" has no session. */
export type Who = Example["by"] | "otto" | "mona" | "olga";

/**
 * An app and a database of its own, whose every table and whose log can be watched, with a cast of people. Each
 * request is counted under its kind; the counts go into .cache/test-reports/attacks-NAME.json.
 */
export class Arena {
  private readonly counts: Record<string, number> = {};

  private constructor(
    readonly app: Installation,
    readonly cast: Cast,
  ) {}

  /** `more`: of the app's environment. */
  static async open(more: Record<string, string> = {}): Promise<Arena> {
    const app = await Installation.open((url) => url, more);
    return new Arena(app, await openCast(app.world, app.url));
  }

  /** Ends the app, and publishes how many requests of which kind it has answered. */
  async close(name: string): Promise<void> {
    mkdirSync(".cache/test-reports", { recursive: true });
    writeFileSync(`.cache/test-reports/attacks-${name}.json`, JSON.stringify(this.counts, null, 2));
    console.log(`requests of ${name}: ${JSON.stringify(this.counts)}`);
    await this.app.stop();
  }

  /** Sends it, and goes along where Next wants a flight request to say so in its address. */
  async answered(kind: string, sent: Sent): Promise<Answer> {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const answer = await send(this.app.url, sent);
    const next = /\r\nlocation: (\S*_rsc=\S+)/i.exec(answer.head)?.[1];
    if (answer.status !== 307 || !next || sent.path.includes("_rsc=")) return answer;
    const { pathname, search } = new URL(next, this.app.url);
    return this.answered(kind, { ...sent, path: pathname + search });
  }

  /** A call of an action as somebody's page sends it. What needs no session takes no envelope. */
  callOf(who: Who, action: string, input: unknown, proof?: unknown): Sent {
    const { cast, app } = this;
    if (cast.examples[action]?.by === "nobody")
      return actionRequest(app.url, action, JSON.stringify([input]), this.cookieOf(who));
    if (who !== "nobody") return cast[who].call(action, input, { proof });
    const envelope = { input, callId: crypto.randomUUID(), person: cast.theo.person.id };
    return actionRequest(app.url, action, JSON.stringify([envelope]));
  }

  cookieOf(who: Who): string | undefined {
    return who === "nobody" ? undefined : this.cast[who].cookie;
  }

  /** How many decisions of a person the log tells of: each is one, folded into a row of its minute or not. */
  async decisionsOf({ person }: Caller): Promise<number> {
    const [row] = await this.app.world.database
      .select({ n: sql<number>`coalesce(sum(${auditEvents.repeats}), 0)::int` })
      .from(auditEvents)
      .where(eq(auditEvents.actorId, person.id));
    return must(row).n;
  }

  /** Runs an attack, and fails where anything but refusals is in the database or an error in the log afterwards. */
  async changesNothing(attack: () => Promise<void>): Promise<void> {
    const { world, log } = this.app;
    const before = await stateOf(world);
    const told = log.length;
    await attack();
    const after = await stateOf(world);
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    if (changed.length > 0) throw new Error(`changed: ${changed.join(", ")}`);
    // Nothing was refused by running into an error, either. Next tells of actions that it doesn't have in plain words.
    const errors = log.slice(told).join("").split("\n");
    const found = errors.filter((line) => /"level":"error"|unhandled|uncaught/i.test(line));
    if (found.length > 0) throw new Error(`errors in the log: ${found.join("\n")}`);
  }

  /**
   * Answered at all, by no fault of the server's, and with nothing in it that isn't the caller's. Throws by itself: a
   * step of the report for each of these many thousand checks would cost more than the requests.
   */
  expectHarmless({ status, head, text }: Answer, who: Who): void {
    if (status < 100 || status >= 500) throw new Error(`answered ${status}: ${text.slice(0, 300)}`);
    const whole = decoded(head + text);
    const told = inside.exec(whole) ?? failedRow.exec(whole);
    if (told) throw new Error(`told ${whole.slice(Math.max(0, told.index - 100), told.index + 300)}`);
    for (const secret of this.secretsFrom(who)) if (whole.includes(secret)) throw new Error(`told ${secret}`);
  }

  private secretsFrom(who: Who): string[] {
    const { theo, ada, other, acme } = this.cast;
    const never = ["NEXTAUTH_SECRET", "KEYTURN_ENCRYPTION_KEYS", "KEYTURN_AUDIT_KEY"].map(required);
    const seeds = [must(theo.person.seed), must(ada.person.seed)];
    const everyCustomer = who === "mona";
    const hidden = [
      ...(who === "otto" || everyCustomer ? [] : [other.name]),
      ...(who === "theo" || everyCustomer ? [] : [acme.name]),
    ];
    return [...never, ...seeds, ...hidden];
  }
}

/** A stack, a statement, a path of the build, a hash: nothing that an answer tells on purpose. */
const inside = /Failed query|node_modules|\.next\/server|\n\s+at .+:\d+:\d+|\$argon2|"status":"failed"/;
/** A page that failed after its answer had begun says so in a row of its own. */
const failedRow = /:E\{"digest":"(?!NEXT_)|data-dgst="(?!NEXT_)/;

function decoded(text: string): string {
  return `${text}\n${text.replaceAll(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16)))}`;
}

/** The status that an action answered; "none" where it is no answer of an action. */
export function statusOf({ text }: Answer): string {
  return /"status":"([a-z-]+)"/.exec(text)?.[1] ?? "none";
}

/** The same cases in every run, so that a failure is one for whoever looks into it; FUZZ_SEED chooses others. */
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** Runs a property over so many cases; a failure names what it was about, the seed and the smallest case. */
export async function holds<T>(
  about: string,
  cases: number,
  values: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
): Promise<void> {
  try {
    await fc.assert(fc.asyncProperty(values, check), { numRuns: cases, endOnFailure: true, seed });
  } catch (error) {
    throw new Error(about, { cause: error });
  }
}
