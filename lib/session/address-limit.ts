import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { eq, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { passwordAttempts } from "@/db/schema/sessions";

/*
 * Tries of one address over all accounts (ASVS v5.0.0-6.3.1): one password tried on a thousand accounts stays below
 * every account's own limit. A bucket that leaks: a company behind one address mistypes less than what runs out of it.
 */

/** So many wrong passwords an address has at once … */
export const addressTries = 300;
/** … and one more each time that so many seconds have passed: 180 an hour. */
export const secondsPerTry = 20;
/** From so many on, a sign-in from there on a strange device is unusual. */
export const unusualFromAddress = 30;

export type FromAddress = { wait: number; failures: number };

/** How long an address has to wait, in seconds: looked at before anything is counted, so that waiting costs a look. */
export async function readWait(read: Reader, address: string): Promise<number> {
  const [row] = await read.select(columns).from(passwordAttempts).where(isBucketOf(address));
  return levelOf(row).wait;
}

/**
 * Counts a try before its password is compared; with seconds to wait it is not counted and not compared. A right
 * password takes back its own try and no other: else one own account would clear the way for all others.
 */
export async function countFromAddress(tx: Tx, address: string): Promise<FromAddress> {
  await tx
    .insert(passwordAttempts)
    .values({ accountHash: bucketOf(address) })
    .onConflictDoNothing();
  const [row] = await tx.select(columns).from(passwordAttempts).where(isBucketOf(address)).for("update");
  const { failures, leaked, wait } = levelOf(row);
  if (wait > 0) return { wait, failures };
  // What is left of a drop that has not fallen yet stays: tries in quick succession would else stop the leak.
  await tx
    .update(passwordAttempts)
    .set({
      failures: failures + 1,
      lastFailedAt: sql`case when ${failures}::int = 0 then now()
        else ${passwordAttempts.lastFailedAt} + make_interval(secs => ${leaked * secondsPerTry}) end`,
    })
    .where(isBucketOf(address));
  return { wait: 0, failures: failures + 1 };
}

const columns = {
  failures: passwordAttempts.failures,
  sinceSeconds: sql<number>`coalesce(extract(epoch from now() - ${passwordAttempts.lastFailedAt}), 0)::float8`,
};

/** What is in the bucket now, and how long it takes until there is room in it. */
function levelOf(row: { failures: number; sinceSeconds: number } = { failures: 0, sinceSeconds: 0 }) {
  const since = Math.max(0, Number(row.sinceSeconds));
  const leaked = Math.min(row.failures, Math.floor(since / secondsPerTry));
  const failures = row.failures - leaked;
  const wait = failures >= addressTries ? Math.max(1, Math.ceil(secondsPerTry - since)) : 0;
  return { failures, leaked, wait };
}

export async function takeBackFromAddress(tx: Tx, address: string): Promise<void> {
  await tx
    .update(passwordAttempts)
    .set({ failures: sql`greatest(${passwordAttempts.failures} - 1, 0)` })
    .where(isBucketOf(address));
}

function isBucketOf(address: string): SQL {
  return eq(passwordAttempts.accountHash, bucketOf(address));
}

function bucketOf(address: string): string {
  return createHash("sha256")
    .update(`address:${networkOf(address)}`)
    .digest("hex");
}

/** The address itself; of IPv6 the /64, which one customer of a provider has to choose from. */
export function networkOf(address: string): string {
  const [bare = ""] = address.split("%");
  if (!isIPv6(bare)) return address;
  // The URL parser knows every way to write one, and has one way to write it.
  const [left = "", right] = new URL(`http://[${bare}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => part.split(":").filter(Boolean);
  const [before, after] = [groups(left), groups(right ?? "")];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}
