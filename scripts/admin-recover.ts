import { parseArgs } from "node:util";
import { emailAddress } from "@/lib/people/email-address";
import { invitationHours } from "@/lib/people/invitation";
import { type Recovery, recoverPerson } from "@/lib/people/recover-person";
import { environment } from "@/lib/platform/env";
import { line } from "@/lib/platform/line";
import { withDatabase } from "./lib/open-database";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * npm run admin:recover -- ada@company.example --reason "Phone and codes were stolen"
 *
 * For an administrator who lost everything, and for everybody where nobody could approve a reset: tells every
 * administrator, and prints a link that gives the account a new password and a new second factor. A disabled account
 * is opened again; one that "This wasn't me" closed under another address, given with --new-email. The link stands
 * alone on the last line.
 */
const usage = 'npm run admin:recover -- ada@company.example --reason "Phone and codes were stolen"';

await speaking(async () => {
  Object.assign(process.env, { NODE_ENV: "production" });
  const wanted = readArguments(process.argv.slice(2));
  const { url, opens } = await withDatabase(environment(), ({ database }) =>
    database.transaction((tx) => recoverPerson(tx, wanted)),
  );
  const told = environment().smtpUrl
    ? "Every administrator is told by mail."
    : "No mail goes out (SMTP_URL is not set): tell the other administrators yourself.";
  const account = opens ? " The account is disabled; using the link opens it again." : "";
  console.log(
    `${told}${account} ${wanted.newEmail ?? wanted.email} can start over with this link. It works once, within ${invitationHours} hours:\n\n${url}`,
  );
});

function readArguments(args: string[]): Recovery {
  const { positionals, values } = parse(args);
  const [given, ...rest] = positionals;
  if (!given || rest.length > 0) throw new Stop(`Give one email address: ${usage}`);
  if (values.reason === undefined) throw new Stop(`Give the reason, it is kept in the log: ${usage}`);
  const email = addressOf(given);
  const newEmail = values["new-email"] === undefined ? null : addressOf(values["new-email"]);
  const reason = line("The reason", 500).safeParse(values.reason);
  if (!reason.success) throw new Stop(reason.error.issues[0]?.message ?? "The reason can't be kept.");
  return { email, reason: reason.data, newEmail };
}

function addressOf(given: string): string {
  const email = emailAddress.safeParse(given);
  if (email.success) return email.data;
  throw new Stop(`${given} is not an email address: ${email.error.issues[0]?.message ?? "check it."}`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { reason: { type: "string" }, "new-email": { type: "string" } },
    });
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}: ${usage}`);
  }
}
