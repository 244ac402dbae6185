import type { Database } from "@/db/client";
import { environment } from "@/lib/platform/env";
import { keepSealing } from "./keep-sealing";
import { ownLog } from "./log-key";
import { keepHead, outsideHeadFile, readHead } from "./outside-head";
import { addToFolder, witnessOf } from "./witness";

type MailWitness = (database: Database, address: string, day: string, checkpoint: string) => Promise<void>;

/**
 * Seals the log of this installation in the background, and keeps its heads outside the database: the newest one in
 * the data folder, the first one of each day with the witness. Returns the end.
 */
export function startSealing(database: Database, mailWitness: MailWitness): () => Promise<void> {
  const { dataDir, auditWitness } = environment();
  const { signer } = ownLog();
  const witness = witnessOf(auditWitness);
  const file = outsideHeadFile(dataDir, signer);
  let told = "";
  return keepSealing({
    database,
    signer,
    readOutside: () => readHead(file),
    async keepOutside(checkpoint) {
      await keepHead(file, checkpoint, signer);
      const day = new Date().toISOString().slice(0, 10);
      if (!witness || told === day) return;
      if (witness.kind === "folder") await addToFolder(witness.path, day, checkpoint, signer.vkey);
      else await mailWitness(database, witness.address, day, checkpoint);
      told = day;
    },
  });
}
