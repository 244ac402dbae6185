import { openDatabase } from "./client";
import { teams } from "./schema/people";

/* Started by crash.integration.test.ts: writes without end and says each row only after it is committed. */
const [url, folder] = [process.env.WRITER_URL, process.env.WRITER_FOLDER];
const { database } = await openDatabase({ ...(url ? { url } : {}), ...(folder ? { folder } : {}) });
for (let count = 0; count < 100_000; count++) {
  const name = `team ${count}`;
  await database.transaction((tx) => tx.insert(teams).values({ name }));
  process.stdout.write(`${name}\n`);
}
