import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { logSigner } from "@/lib/audit/log/log-key";
import { outsideHeadFile, readHead } from "@/lib/audit/log/outside-head";
import { environmentOf } from "../bench/server";
import { root, tools } from "../lib/run.mjs";
import { lateRows } from "./invariants";
import type { Stage } from "./stage";

/** The log when everybody rests: sealed, its newest head kept outside, and whole for `npm run audit:verify`. */
export async function breachesOfLog(stage: Stage): Promise<string[]> {
  return [...(await breachesOfSealing(stage)), ...(await breachesByVerify(stage))];
}

async function breachesOfSealing({ world, dataDir, app }: Stage): Promise<string[]> {
  const { reader } = world.opened;
  const { KEYTURN_URL = "", KEYTURN_AUDIT_KEY = "" } = app.environment;
  const signer = logSigner({ url: new URL(KEYTURN_URL), auditKey: Buffer.from(KEYTURN_AUDIT_KEY, "base64") });
  const giveUp = Date.now() + 45_000;
  for (;;) {
    const late = await lateRows(reader);
    const kept = await readHead(outsideHeadFile(dataDir, signer));
    const heads = await world.database.query.auditHeads.findMany({
      orderBy: (t, { desc }) => desc(t.size),
      limit: 1,
    });
    if (late === 0 && heads[0]?.checkpoint === kept) return [];
    if (Date.now() > giveUp)
      return [late > 0 ? `${late} rows wait for their leaf` : "the newest head is not kept outside"];
    await pause(300);
  }
}

async function breachesByVerify({ app, url }: Stage): Promise<string[]> {
  const child = spawn(process.execPath, [...tools.tsx, "scripts/audit-verify.ts"], {
    cwd: root,
    env: environmentOf({ ...app.environment, DATABASE_URL: url }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  const code = await new Promise((resolve) => child.once("close", resolve));
  return code === 0 && printed.includes("The log is whole.") ? [] : [`npm run audit:verify: ${printed}`];
}
