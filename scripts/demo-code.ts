import { currentCode, demoSeedOf, demoSeeds } from "@/lib/step-up/factors/totp/demo-seeds";

/*
 * npm run demo:code -- theo@keyturn.example
 *
 * Prints the six digits that a demo account's authenticator app shows now. The seeds are constants, so it opens no
 * database and works beside a running server.
 */
const email = process.argv[2];
const seed = demoSeedOf(email ?? "");
if (seed) {
  console.log((await currentCode(seed, new Date())).code);
} else {
  const known = Object.keys(demoSeeds).join(", ");
  const trouble = email ? `There is no demo authenticator app of ${email}` : "Say whose code";
  console.error(`${trouble}: the accounts are ${known}.`);
  process.exitCode = 1;
}
