import { buildIfStale } from "./lib/build.mjs";
import { prepareDatabase } from "./lib/database.mjs";
import { checkPort } from "./lib/listen.mjs";
import { importTypeScript } from "./lib/run.mjs";
import { speaking } from "./lib/sentences.mjs";
import { welcome } from "./lib/welcome.mjs";
import { serve } from "./serve.mjs";
import { setup } from "./setup.mjs";

/*
 * npm start: install, build, prepare the database, serve. What is done already is skipped. Nothing here imports a
 * package before setup() has installed it. The server runs in this very process, so that whoever ends npm ends it.
 */
await speaking(async () => {
  await setup();
  process.env.NODE_ENV = "production";
  const { environment } = await importTypeScript("lib/platform/env.ts");
  const env = environment();
  await checkPort(env.bindAddresses, env.port);
  await buildIfStale();
  await prepareDatabase(env);
  await welcome(await serve());
});
