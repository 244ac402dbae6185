import { and, eq, inArray, or, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { sentCodes } from "@/db/schema/step-up";

/** An account's codes in an hour and in a day, whoever asks; and an address's or number's, whatever the account. */
export const mostAnHour = 10;
export const mostADay = 40;
/**
 * What nobody has shown to be wanted: for an account on devices on which it never proved a factor (a stranger with the
 * password is one of them), and for an address or number that is only being set up (docs/decisions/017).
 */
export const strangersAnHour = 3;
export const strangersADay = 6;
/** Between two of a session; twice as long after each further one. */
export const firstWaitSeconds = 30;

/** What was sent so far. A code that was typed back reached whoever asked: it makes nobody wait, and is no stranger's. */
export type Sends = {
  /** Of this session in the last ten minutes, not typed back. */
  inSession: number;
  /** Since the session's last one of these; null where there is none. */
  sinceLastSeconds: number | null;
  hour: number;
  day: number;
  strangersHour: number;
  strangersDay: number;
  /** To where this one goes, over all accounts; of these those that verify it. */
  thereHour: number;
  thereDay: number;
  verifyingHour: number;
  verifyingDay: number;
  knownDevice: boolean;
};

/** Why none goes out: this session sent one a moment ago, or the account, the destination or the installation too many. */
export type SendRefusal = {
  because: "wait" | "account" | "destination" | "installation";
  retryAfterSeconds: number;
};
export type SendDecision = { allowed: true; resendInSeconds: number } | ({ allowed: false } & SendRefusal);

export const hourSeconds = 3600;

/** Whether one more code may go out now. `verifies`: to where it goes is only being set up. Pure. */
export function decideSend(sends: Sends, verifies: boolean): SendDecision {
  const wait = waitSeconds(sends);
  if (wait > 0) return { allowed: false, because: "wait", retryAfterSeconds: wait };
  const { hour, day, strangersHour, strangersDay, thereHour, thereDay, verifyingHour, verifyingDay } = sends;
  const ofAccount = overIn({ hour, day }, !sends.knownDevice && { hour: strangersHour, day: strangersDay });
  if (ofAccount > 0) return { allowed: false, because: "account", retryAfterSeconds: ofAccount };
  const there = overIn(
    { hour: thereHour, day: thereDay },
    verifies && { hour: verifyingHour, day: verifyingDay },
  );
  if (there > 0) return { allowed: false, because: "destination", retryAfterSeconds: there };
  const next = { inSession: sends.inSession + 1, sinceLastSeconds: 0 };
  return { allowed: true, resendInSeconds: waitSeconds(next) };
}

type Counts = { hour: number; day: number };

/** For how long, at the longest, there are too many: of all, or of the strangers' share where that counts. */
function overIn(all: Counts, share: Counts | false): number {
  if (all.day >= mostADay || (share && share.day >= strangersADay)) return 24 * hourSeconds;
  if (all.hour >= mostAnHour || (share && share.hour >= strangersAnHour)) return hourSeconds;
  return 0;
}

/** How long until the session's next code: the countdown of "Send again". */
export function waitSeconds({
  inSession,
  sinceLastSeconds,
}: Pick<Sends, "inSession" | "sinceLastSeconds">): number {
  if (inSession === 0 || sinceLastSeconds === null) return 0;
  return Math.max(0, Math.ceil(firstWaitSeconds * 2 ** Math.min(inSession - 1, 4) - sinceLastSeconds));
}

/**
 * What was sent for a user, and to a destination by whomever (destinationHashes of codes.ts; none where only the wait is
 * asked for). Whoever sends takes their turn first, so that parallel ones see each other.
 */
export async function readSends(
  read: Reader,
  { userId, sessionId, knownDevice }: { userId: string; sessionId: string; knownDevice: boolean },
  destination: string[] = [],
): Promise<Sends> {
  const ofUser = eq(sentCodes.userId, userId);
  const there = inArray(sentCodes.destinationHash, destination);
  const own = sql`${sentCodes.sessionId} = ${sessionId} and ${sentCodes.usedAt} is null`;
  const stranger = sql`${ofUser} and not ${sentCodes.knownDevice} and ${sentCodes.usedAt} is null`;
  const verifying = sql`${there} and ${sentCodes.authenticatorId} is null`;
  const since = (span: string) => sql`${sentCodes.createdAt} > now() - ${span}::interval`;
  const inDay = (which: typeof own) => sql<number>`(count(*) filter (where ${which}))::int`;
  const inHour = (which: typeof own) => inDay(sql`${which} and ${since("1 hour")}`);
  const [counts] = await read
    .select({
      inSession: inDay(sql`${own} and ${since("10 minutes")}`),
      sinceLastSeconds: sql<
        number | null
      >`extract(epoch from now() - max(${sentCodes.createdAt}) filter (where ${own}))::float8`,
      hour: inHour(ofUser),
      day: inDay(ofUser),
      strangersHour: inHour(stranger),
      strangersDay: inDay(stranger),
      thereHour: inHour(there),
      thereDay: inDay(there),
      verifyingHour: inHour(verifying),
      verifyingDay: inDay(verifying),
    })
    .from(sentCodes)
    .where(and(or(ofUser, there), since("1 day")));
  if (!counts) throw new Error("counting gave no row");
  return { ...counts, knownDevice };
}
