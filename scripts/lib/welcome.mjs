import { importTypeScript } from "./run.mjs";

/**
 * What a person needs to know once the server answers.
 * @param {import("../../lib/platform/env.ts").Environment} env
 */
export async function welcome(env) {
  console.log(`\nKeyturn answers on ${env.origin}\n`);
  if (env.demo) await demoAccounts(env.origin);
  console.log(
    `  Data lies in ${env.databaseUrl ? `PostgreSQL, ${withoutPassword(env.databaseUrl)}` : env.dataDir}`,
  );
  console.log("  Ctrl-C ends the server; the data stays.\n");
}

async function demoAccounts(origin) {
  const accounts = await importTypeScript("lib/demo/accounts.ts");
  console.log(`  Demo accounts, each with the password: ${accounts.demoPassword}`);
  for (const { email, role, seed } of accounts.demoAccounts) {
    console.log(
      `    ${email.padEnd(24)} ${role.padEnd(14)} ${seed ? "authenticator app" : "no second factor yet"}`,
    );
  }
  console.log(`  Their codes, and the mails that were sent: ${origin}/demo\n`);
}

function withoutPassword(address) {
  const url = new URL(address);
  return `${url.hostname}:${url.port || 5432}${url.pathname}`;
}
