import { buildIfStale } from "./lib/build.mjs";
import { speaking } from "./lib/sentences.mjs";
import { setup } from "./setup.mjs";

/* npm run build: for machines that build once and start often. npm start does the same when it has to. */
await speaking(async () => {
  await setup();
  await buildIfStale();
});
