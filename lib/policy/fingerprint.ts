import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { PolicyDocument } from "./document";

/** SHA-256 of the whole document (RFC 8785), in hex: what the log and the approval tell of it beyond its words. */
export function fingerprintOf(document: PolicyDocument): string {
  return createHash("sha256")
    .update(canonicalize(document) ?? "")
    .digest("hex");
}
