import { randomBytes } from "node:crypto";
import type { OpenDatabase } from "@/db/client";
import { countSealed, type SealedCount } from "@/lib/keys/read-sealed";
import { environment } from "@/lib/platform/env";
import type { KeyRing } from "@/lib/platform/key-ring";
import { replaceEncryptionKeys, secrets } from "@/lib/platform/secrets";
import { withDatabase } from "./lib/open-database";
import { resealAll } from "./lib/reseal";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * npm run keys:rotate [-- --retire]
 *
 * Seals everything that is stored sealed with the ring's first key; --retire takes the older keys away once nothing
 * needs them. On PostgreSQL it works beside the running app. Keys from the environment are the operator's to write:
 * it says what. Those of the data folder it makes and removes itself. See docs/operating.md, "Keys".
 */
await speaking(async () => {
  const retiring = readRetire(process.argv.slice(2));
  const env = environment();
  // The folder of keys is written here, as well as the database: nobody else may use it meanwhile.
  await withDatabase(env, (opened) => {
    const keys = { ring: secrets().encryptionKeys, ours: env.secrets === undefined, folder: env.dataDir };
    return retiring ? retire(opened, keys) : rotate(opened, keys);
  });
});

/** `ours`: made by Keyturn, in the data folder; otherwise they come from the environment. */
type Keys = { ring: KeyRing; ours: boolean; folder: string };

async function rotate({ database, reader }: OpenDatabase, keys: Keys): Promise<void> {
  const counts = await countSealed(reader);
  const ring = behind(counts, keys.ring).length > 0 ? keys.ring : withNewKey(counts, keys);
  for (const { column, rows } of await resealAll(database, ring))
    console.log(`${column}: ${rows} sealed anew with key ${first(ring)}`);
  const left = await countSealed(reader);
  const held = behind(left, ring);
  if (held.length > 0) throw new Stop(`The app was using ${words(held)}; run npm run keys:rotate again.`);
  tellUnreadable(left, ring);
  const older = olderThanFirst(ring);
  if (older.length === 0) return;
  console.log(
    keys.ours
      ? `Nothing needs ${named(older)} any more: npm run keys:rotate -- --retire removes ${older.length > 1 ? "them" : "it"}.`
      : toRemove(older),
  );
}

async function retire({ reader }: OpenDatabase, { ring, ours, folder }: Keys): Promise<void> {
  const older = olderThanFirst(ring);
  if (older.length === 0) throw new Stop(`There is only ${named([first(ring)])}: nothing to retire.`);
  const needed = behind(await countSealed(reader), ring);
  if (needed.length > 0)
    throw new Stop(`Not yet: ${words(needed)} would be lost; run npm run keys:rotate first.`);
  if (!ours) return console.log(toRemove(older));
  replaceEncryptionKeys(folder, ring.slice(0, 1));
  console.log(
    `Removed ${named(older)}. Copies of the data folder made before still need ${older.length > 1 ? "them" : "it"}.`,
  );
}

/** A rotation that was stopped goes on with its key; only a finished one is followed by another. */
function withNewKey(counts: SealedCount[], { ring, ours, folder }: Keys): KeyRing {
  const taken = [...ring.map(({ id }) => id), ...counts.map(({ keyId }) => keyId)].map(Number);
  const id = String(Math.max(0, ...taken.filter(Number.isSafeInteger)) + 1);
  if (ours) {
    const next = [{ id, key: randomBytes(32) }, ...ring];
    replaceEncryptionKeys(folder, next);
    return next;
  }
  if (ring.length > 1) return ring;
  throw new Stop(
    `Everything is sealed with key ${first(ring)}, the only one. Put a new one in front of it,\n` +
      `  KEYTURN_ENCRYPTION_KEYS="${id}:$(openssl rand -base64 32),${first(ring)}:(its key, as it is now)"\n` +
      "restart every instance with that, and run npm run keys:rotate again.",
  );
}

/** What keys of the ring other than the first one have sealed. */
function behind(counts: SealedCount[], ring: KeyRing): SealedCount[] {
  const older = olderThanFirst(ring);
  return counts.filter(({ keyId }) => keyId !== null && older.includes(keyId));
}

function tellUnreadable(counts: SealedCount[], ring: KeyRing): void {
  const lost = counts.filter(({ keyId }) => keyId === null || ring.every(({ id }) => id !== keyId));
  if (lost.length > 0) console.log(`Not in the ring, and left as they are: ${words(lost)}.`);
}

function toRemove(older: string[]): string {
  return (
    `Nothing stored needs ${named(older)} any more. Ten minutes after the last restart, when nothing that browsers hold does either,\n` +
    `take ${older.map((id) => `"${id}:…"`).join(" and ")} out of KEYTURN_ENCRYPTION_KEYS and restart every instance.`
  );
}

function first(ring: KeyRing): string {
  return ring[0]?.id ?? "none";
}

function olderThanFirst(ring: KeyRing): string[] {
  return ring.slice(1).map(({ id }) => id);
}

function named(ids: string[]): string {
  return `${ids.length > 1 ? "keys" : "key"} ${ids.join(", ")}`;
}

function words(counts: SealedCount[]): string {
  return counts
    .map(
      ({ column, keyId, rows }) =>
        `${rows} of ${column} (${keyId === null ? "no sealed text" : `key ${keyId}`})`,
    )
    .join(", ");
}

function readRetire(args: string[]): boolean {
  if (args.length === 0) return false;
  if (args.length === 1 && args[0] === "--retire") return true;
  throw new Stop("It takes --retire and nothing else: npm run keys:rotate -- --retire");
}
