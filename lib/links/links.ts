import { and, eq, gt, isNull, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { type LinkPurpose, links } from "@/db/schema/links";
import { environment } from "@/lib/platform/env";
import { hashSecretOf, newSecret } from "@/lib/session/secret";
import { Invalid } from "@/lib/step-up/refusal";

export type Link = typeof links.$inferSelect;

/** The page that each purpose leads to. */
const pages: Record<LinkPurpose, string> = {
  "reset-password": "/reset",
  "not-me": "/not-me",
  invitation: "/invitation",
  recovery: "/invitation",
  "confirm-email": "/confirm-email",
  "set-up-factor": "/set-up",
};

type NewLink = {
  purpose: LinkPurpose;
  personId: string | null;
  data?: Record<string, unknown>;
  lifetimeMinutes: number;
  createdBy?: string | null;
};

/**
 * Makes a link and returns its address, this once: only the token's hash is kept (ASVS v5.0.0-6.4.3, 11.4.3). The
 * token stands behind `#`, so that no server's log and no Referer header ever holds it.
 */
export async function openLink(tx: Tx, link: NewLink): Promise<{ id: string; url: string }> {
  const { purpose, personId, data = {}, lifetimeMinutes, createdBy = null } = link;
  const token = newSecret();
  const [row] = await tx
    .insert(links)
    .values({
      purpose,
      personId,
      data,
      createdBy,
      tokenHash: hashSecretOf(token),
      expiresAt: sql`now() + make_interval(mins => ${lifetimeMinutes})`,
    })
    .returning({ id: links.id });
  if (!row) throw new Error("the link was not written");
  return { id: row.id, url: `${environment().origin}${pages[purpose]}#${token}` };
}

/** A link that still works; null for every other token. Looking at it spends nothing. */
export async function readLink(
  read: Reader,
  purposes: readonly LinkPurpose[],
  token: string,
): Promise<Link | null> {
  const [row] = await read
    .select()
    .from(links)
    .where(and(eq(links.tokenHash, hashSecretOf(token)), working()));
  return row && purposes.includes(row.purpose) ? row : null;
}

/** Spends a link: of any number of parallel calls one gets it. Throws Invalid in words otherwise. */
export async function spendLink(tx: Tx, purposes: readonly LinkPurpose[], token: string): Promise<Link> {
  const found = await readLink(tx, purposes, token);
  const [spent] = found
    ? await tx
        .update(links)
        .set({ usedAt: sql`now()` })
        .where(and(eq(links.id, found.id), working()))
        .returning()
    : [];
  if (!spent) throw linkIsOver();
  return spent;
}

/** The one answer to whatever is wrong with a link. */
export function linkIsOver(): Invalid {
  return new Invalid({}, "This link has expired or was used already. Ask for a new one.");
}

/** Takes back a person's unused links of one purpose. Returns how many there were. */
export async function revokeLinks(tx: Tx, purpose: LinkPurpose, personId: string): Promise<number> {
  const revoked = await tx
    .update(links)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(links.purpose, purpose), eq(links.personId, personId), working()))
    .returning({ id: links.id });
  return revoked.length;
}

/** SQL: neither used nor taken back nor over. */
export function working(): SQL | undefined {
  return and(isNull(links.usedAt), isNull(links.revokedAt), gt(links.expiresAt, sql`now()`));
}
