import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { emailChanges } from "@/db/schema/links";
import { authenticators } from "@/db/schema/step-up";
import type { Link } from "@/lib/links/links";
import type { NotMe } from "@/lib/notices/outbox";

const data = z.object({
  did: z.enum([
    "factor-added",
    "factor-removed",
    "recovery-codes",
    "recovery-code-used",
    "password-changed",
    "email-changed",
    "signed-in",
    "sessions-ended",
    "factors-reset",
    "suspicious",
  ]),
  authenticatorId: z.uuid().optional(),
  emailChangeId: z.uuid().optional(),
}) satisfies z.ZodType<NotMe>;

/** What a "This wasn't me" link is about. Throws when it holds anything but what noticeTo wrote. */
export function reportedBy(link: Pick<Link, "data">): NotMe {
  return data.parse(link.data);
}

/** It in words, after "Somebody": told to the owner ("your") or of them ("their"). */
export async function reportedWords(read: Reader, reported: NotMe, whose: "your" | "their"): Promise<string> {
  switch (reported.did) {
    case "factor-added":
      return `added ${await authenticatorName(read, reported)} to ${whose} account`;
    case "factor-removed":
      return `removed ${await authenticatorName(read, reported)} from ${whose} account`;
    case "recovery-codes":
      return `made new recovery codes for ${whose} account`;
    case "recovery-code-used":
      return `used one of ${whose} recovery codes`;
    case "password-changed":
      return `changed ${whose} password`;
    case "email-changed":
      return `began to change, or changed, ${whose} email address${await newAddress(read, reported)}`;
    case "signed-in":
      return `signed in to ${whose} account on a new device`;
    case "sessions-ended":
      return `signed out ${whose} other sessions`;
    case "factors-reset":
      return `had ${whose} second factors reset by the administrators`;
    case "suspicious":
      return `tried to get past the checks of ${whose} account`;
  }
}

async function authenticatorName(read: Reader, { authenticatorId }: NotMe): Promise<string> {
  const [row] = authenticatorId
    ? await read
        .select({ name: authenticators.name })
        .from(authenticators)
        .where(eq(authenticators.id, authenticatorId))
    : [];
  return row ? `“${row.name}”` : "a second factor";
}

async function newAddress(read: Reader, { emailChangeId }: NotMe): Promise<string> {
  const [row] = emailChangeId
    ? await read
        .select({ email: emailChanges.newEmail })
        .from(emailChanges)
        .where(eq(emailChanges.id, emailChangeId))
    : [];
  return row ? ` to ${row.email}` : "";
}
