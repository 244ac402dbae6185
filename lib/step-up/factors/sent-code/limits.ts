import { and, eq, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { sentCodes } from "@/db/schema/step-up";

/** An account's codes in an hour and in a day, whoever asks for them (docs/decisions/017). */
export const mostAnHour = 10;
export const mostADay = 40;
/** What devices on which the user never proved a factor share of it: a stranger with the password is one of them. */
export const strangersAnHour = 3;
export const strangersADay = 6;
/** Between two of a session; twice as long after each further one. */
export const firstWaitSeconds = 30;

export type Sends = {
  /** Of this session in the last ten minutes. */
  inSession: number;
  /** Since the session's last one; null where there is none. */
  sinceLastSeconds: number | null;
  hour: number;
  day: number;
  strangersHour: number;
  strangersDay: number;
  knownDevice: boolean;
};

export type SendDecision = { allowed: true } | { allowed: false; retryAfterSeconds: number };

const hourSeconds = 3600;

/** Whether one more code may go out now. Pure. */
export function decideSend(sends: Sends): SendDecision {
  const wait = waitSeconds(sends);
  if (wait > 0) return { allowed: false, retryAfterSeconds: wait };
  const { knownDevice, hour, day, strangersHour, strangersDay } = sends;
  const stranger = !knownDevice;
  if (day >= mostADay || (stranger && strangersDay >= strangersADay))
    return { allowed: false, retryAfterSeconds: 24 * hourSeconds };
  if (hour >= mostAnHour || (stranger && strangersHour >= strangersAnHour))
    return { allowed: false, retryAfterSeconds: hourSeconds };
  return { allowed: true };
}

/** How long until the session's next code: the countdown of "Send again". */
export function waitSeconds({
  inSession,
  sinceLastSeconds,
}: Pick<Sends, "inSession" | "sinceLastSeconds">): number {
  if (inSession === 0 || sinceLastSeconds === null) return 0;
  return Math.max(0, Math.ceil(firstWaitSeconds * 2 ** Math.min(inSession - 1, 4) - sinceLastSeconds));
}

/** What was sent for a user so far. Whoever sends takes the user's turn first, so that parallel ones see each other. */
export async function readSends(
  read: Reader,
  { userId, sessionId, knownDevice }: { userId: string; sessionId: string; knownDevice: boolean },
): Promise<Sends> {
  const own = eq(sentCodes.sessionId, sessionId);
  const since = (span: string) => sql`${sentCodes.createdAt} > now() - ${span}::interval`;
  const stranger = sql`not ${sentCodes.knownDevice}`;
  const [counts] = await read
    .select({
      inSession: sql<number>`count(*) filter (where ${own} and ${since("10 minutes")})::int`,
      sinceLastSeconds: sql<
        number | null
      >`extract(epoch from now() - max(${sentCodes.createdAt}) filter (where ${own}))::float8`,
      hour: sql<number>`count(*) filter (where ${since("1 hour")})::int`,
      day: sql<number>`count(*)::int`,
      strangersHour: sql<number>`count(*) filter (where ${stranger} and ${since("1 hour")})::int`,
      strangersDay: sql<number>`count(*) filter (where ${stranger})::int`,
    })
    .from(sentCodes)
    .where(and(eq(sentCodes.userId, userId), since("1 day")));
  if (!counts) throw new Error("counting gave no row");
  return { ...counts, knownDevice };
}
