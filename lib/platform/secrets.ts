import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Environment, environment } from "./env";
import type { KeyRing } from "./key-ring";
import { parseSecrets, type Secrets, type WrittenSecrets } from "./secret-format";

export type { Secrets } from "./secret-format";

/** Its message is one sentence for the person who starts the server. */
export class SecretsError extends Error {
  override name = "SecretsError";
}

declare global {
  var keyturnSecrets: Secrets | undefined;
}

/** The secrets of this process, loaded once (globally, because Next bundles this module several times). */
export function secrets(): Secrets {
  globalThis.keyturnSecrets ??= loadSecrets(environment());
  return globalThis.keyturnSecrets;
}

/** From the environment, or from `secrets.json` in the data folder, which the first start writes. */
export function loadSecrets(env: Pick<Environment, "secrets" | "dataDir">): Secrets {
  if (env.secrets) return env.secrets;
  const file = join(env.dataDir, "secrets.json");
  if (!exists(file)) writeOnce(file, env.dataDir, newSecrets());
  return readSecrets(file);
}

const writtenSecrets = z.object({ nextAuth: z.string(), encryptionKeys: z.string(), auditKey: z.string() });

/** New keys in place of unreadable ones would make every enrolled seed and the audit log worthless: refuse. */
function readSecrets(file: string): Secrets {
  tighten(file);
  try {
    const secrets = parseSecrets(writtenSecrets.parse(JSON.parse(readFileSync(file, "utf8"))));
    if (!("problem" in secrets)) return secrets;
  } catch (error) {
    if (isFault(error, "EACCES"))
      throw new SecretsError(`${file} cannot be read; start Keyturn as the user who owns it.`);
  }
  throw new SecretsError(
    `${file} is damaged; restore it from a backup, or remove the whole data folder to start again with an empty database.`,
  );
}

function newSecrets(): WrittenSecrets {
  const key = () => randomBytes(32).toString("base64");
  return { nextAuth: key(), encryptionKeys: `1:${key()}`, auditKey: key() };
}

/**
 * Replaces the key ring of a data folder, whose lock the caller holds. What is sealed with a new key comes after it is
 * on the disk: a key that is lost in a crash takes along what it sealed.
 */
export function replaceEncryptionKeys(dataDir: string, ring: KeyRing): void {
  const file = join(dataDir, "secrets.json");
  const written = writtenSecrets.parse(JSON.parse(readFileSync(file, "utf8")));
  const encryptionKeys = ring.map(({ id, key }) => `${id}:${key.toString("base64")}`).join(",");
  renameSync(writeDraft(file, { ...written, encryptionKeys }), file);
  if (process.platform === "win32") return;
  const folder = openSync(dataDir, "r");
  fsyncSync(folder);
  closeSync(folder);
}

/**
 * Written whole under another name and then linked: a crash leaves no half file, and of two processes that start
 * together one wins and the other reads the winner's.
 */
function writeOnce(file: string, folder: string, written: WrittenSecrets): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = writeDraft(file, written);
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!isFault(error, "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Writes a file beside the one that it will be, on the disk when this returns. */
function writeDraft(file: string, written: WrittenSecrets): string {
  const draft = `${file}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const descriptor = openSync(/* turbopackIgnore: true */ draft, "wx", 0o600);
  try {
    writeSync(descriptor, `${JSON.stringify(written, null, 2)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

/** A copy or a restore often widens the mode; only the owner has business with this file. */
function tighten(file: string): void {
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function isFault(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
