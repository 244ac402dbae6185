import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exportLines, faultOfExport } from "@/lib/audit/log/export-log";
import { ownLog } from "@/lib/audit/log/log-key";
import { environment } from "@/lib/platform/env";
import { withDatabase } from "./lib/open-database";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * npm run audit:export -- FILE
 *
 * Writes the sealed log for somebody outside, who checks it with npm run audit:verify -- --export FILE --key PUBLIC.
 */
await speaking(async () => {
  Object.assign(process.env, { NODE_ENV: "production" });
  const [file, ...rest] = process.argv.slice(2);
  if (!file || rest.length > 0) throw new Stop("Give one file to write to: npm run audit:export -- FILE");
  const { signer, rp } = ownLog();
  const { vkey } = signer;
  await withDatabase(environment(), async ({ reader }) => {
    const fault = await faultOfExport(reader);
    if (fault) throw new Stop(fault);
    const lines = exportLines(reader, { vkey, rp });
    await pipeline(Readable.from(ended(lines)), createWriteStream(file, { flags: "wx", mode: 0o600 }));
  }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new Stop(`${file} is there already: give another name.`);
    throw error;
  });
  console.log(
    `The log is in ${file}. Check it with:\nnpm run audit:verify -- --export ${file} --key ${vkey}`,
  );
});

async function* ended(lines: AsyncIterable<string>) {
  for await (const line of lines) yield `${line}\n`;
}
