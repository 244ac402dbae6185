import { prepareDatabase } from "./lib/database.mjs";
import { checkPort } from "./lib/listen.mjs";
import { importTypeScript } from "./lib/run.mjs";
import { speaking } from "./lib/sentences.mjs";
import { welcome } from "./lib/welcome.mjs";
import { serve } from "./serve.mjs";
import { setup } from "./setup.mjs";

/* npm run dev: the same app with hot reload, on the same data. */
await speaking(async () => {
  await setup();
  process.env.NODE_ENV = "development";
  const { environment } = await importTypeScript("lib/platform/env.ts");
  const env = environment();
  await checkPort(env.bindAddresses, env.port);
  await prepareDatabase(env);
  await welcome(await serve({ dev: true }));
});
