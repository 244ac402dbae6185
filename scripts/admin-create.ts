import { createAdministrator } from "@/lib/people/create-administrator";
import { emailAddress } from "@/lib/people/email-address";
import { invitationHours } from "@/lib/people/invitation";
import { environment } from "@/lib/platform/env";
import { withDatabase } from "./lib/open-database";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * npm run admin:create -- ada@company.example
 *
 * Prints the link with which the first administrator of an installation sets a password and a second factor. The link
 * stands alone on the last line. On PostgreSQL it works beside the running app.
 */
await speaking(async () => {
  // As npm start does: the link needs the address that people open, and production insists on it.
  Object.assign(process.env, { NODE_ENV: "production" });
  const email = readEmail(process.argv.slice(2));
  const { url } = await withDatabase(environment(), ({ database }) =>
    database.transaction((tx) => createAdministrator(tx, email)),
  );
  console.log(`${email} can begin with this link. It works once, within ${invitationHours} hours:\n\n${url}`);
});

function readEmail(args: string[]): string {
  const [given, ...rest] = args;
  if (!given || rest.length > 0)
    throw new Stop("Give one email address: npm run admin:create -- ada@company.example");
  const email = emailAddress.safeParse(given);
  if (email.success) return email.data;
  throw new Stop(`${given} is no email address: ${email.error.issues[0]?.message ?? "check it."}`);
}
