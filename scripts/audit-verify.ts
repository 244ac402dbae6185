import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { ZodError } from "zod";
import { fingerprintOf, parseVerifierKey } from "@/lib/audit/log/checkpoint";
import { verifyExport } from "@/lib/audit/log/export-log";
import { ownLog } from "@/lib/audit/log/log-key";
import { outsideHeadFile, readHead } from "@/lib/audit/log/outside-head";
import type { HeadToCheck } from "@/lib/audit/log/tree-checker";
import { type Verdict, verifyLog } from "@/lib/audit/log/verify-log";
import { headsInFolder, isCutOff, witnessOf } from "@/lib/audit/log/witness";
import { environment } from "@/lib/platform/env";
import { secrets } from "@/lib/platform/secrets";
import { withDatabase } from "./lib/open-database";
import { Stop, speaking } from "./lib/sentences.mjs";

const mostShown = 20;

/*
 * npm run audit:verify                                    the database's log
 * npm run audit:verify -- --from FILE                     … against a signed head that was kept elsewhere, too
 * npm run audit:verify -- --export FILE --key PUBLIC      a log that npm run audit:export wrote, without any database
 *
 * Prints the first rows that are not as they should be, and ends with 1 when there is one.
 */
await speaking(async () => {
  Object.assign(process.env, { NODE_ENV: "production" });
  const { from = [], export: exported, key } = options();
  const given = await Promise.all(from.map(readGiven));
  if (key !== undefined) requireKey(key);
  if (!exported) return tell(...(await ofDatabase(given, key)));
  if (!key) throw new Stop("Give the log's public key as well: --key NAME+ID+KEY.");
  tell(await ofExport(exported, key, given), given, key);
});

function options() {
  try {
    const { values } = parseArgs({
      options: {
        from: { type: "string", multiple: true },
        export: { type: "string" },
        key: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}`);
  }
}

function requireKey(key: string): void {
  try {
    parseVerifierKey(key);
  } catch {
    throw new Stop(`${key} is not a log's public key: it looks like crm.example.com/audit+0a1b2c3d+AQ…`);
  }
}

async function readGiven(name: string): Promise<HeadToCheck> {
  try {
    return { name, checkpoint: await readFile(name, "utf8") };
  } catch {
    throw new Stop(`${name} cannot be read.`);
  }
}

async function ofDatabase(given: HeadToCheck[], key?: string): Promise<[Verdict, HeadToCheck[], string]> {
  const env = environment();
  const { auditKey, encryptionKeys: ring } = secrets();
  const { signer, rp } = ownLog();
  const vkey = key ?? signer.vkey;
  const own = await ownHead(outsideHeadFile(env.dataDir, signer));
  const outside = [...given, ...own, ...(await witnessed(env.auditWitness, vkey))];
  const verdict = await withDatabase(env, ({ reader: read }) =>
    verifyLog({ read, ring, auditKey, vkey, rp, demo: env.demo, outside }),
  );
  return [verdict, outside, vkey];
}

async function ownHead(name: string): Promise<HeadToCheck[]> {
  const checkpoint = await readHead(name);
  return checkpoint === null ? [] : [{ name, checkpoint }];
}

async function witnessed(setting: string | undefined, vkey: string): Promise<HeadToCheck[]> {
  const witness = witnessOf(setting);
  if (witness?.kind !== "folder") return [];
  try {
    const heads = await headsInFolder(witness.path);
    for (const { name, checkpoint } of heads)
      if (isCutOff(checkpoint, vkey))
        console.log(`Not compared with ${name}: it is empty or cut off, as a full disk leaves a file.`);
    return heads.filter(({ checkpoint }) => !isCutOff(checkpoint, vkey));
  } catch {
    throw new Stop(`The witness's folder ${witness.path} (KEYTURN_AUDIT_WITNESS) cannot be read.`);
  }
}

async function ofExport(file: string, vkey: string, given: HeadToCheck[]): Promise<Verdict> {
  try {
    return await verifyExport(createInterface({ input: createReadStream(file) }), vkey, given);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ZodError)
      throw new Stop(`${file} is not an exported log: its first line can't be read.`);
    if (error instanceof Error && "code" in error) throw new Stop(`${file} cannot be read.`);
    throw error;
  }
}

function tell({ findings, sealed, waiting, counts }: Verdict, outside: HeadToCheck[], vkey: string): void {
  const { signatures, erased, demo } = counts;
  console.log(`The log's public key: ${vkey}\nIts fingerprint:      ${fingerprintOf(vkey)}`);
  console.log(
    `${sealed} rows are sealed, ${waiting} wait for it; ${signatures} signatures of passkeys were checked again, ` +
      `${erased} rows tell of erased values, ${demo} are demo history.`,
  );
  for (const { name } of outside) console.log(`Compared with the head in ${name}`);
  if (outside.length === 0)
    console.log("Tail not checked: no signed head from outside the database was given (--from FILE).");
  for (const { seq, words } of findings.slice(0, mostShown))
    console.log(seq === null ? `BROKEN: ${words}` : `BROKEN: row ${seq}: ${words}`);
  if (findings.length > mostShown) console.log(`… and ${findings.length - mostShown} more`);
  console.log(findings.length === 0 ? "The log is whole." : "The log is NOT whole.");
  if (findings.length > 0) process.exitCode = 1;
}
