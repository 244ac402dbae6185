import { desc } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { policyVersions } from "@/db/schema/policy";
import { type PolicyDocument, policyDocument } from "./document";

/** The administrators' policy that is in force; a new installation's where none was saved yet. Throws on one that cannot be read. */
export async function readDocumentInForce(read: Reader): Promise<PolicyDocument> {
  const [newest] = await read
    .select({ document: policyVersions.document })
    .from(policyVersions)
    .orderBy(desc(policyVersions.version))
    .limit(1);
  return policyDocument.parse(newest?.document ?? {});
}
