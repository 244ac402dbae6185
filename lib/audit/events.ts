import type { ActionName } from "@/lib/protected-actions";

import type { PublicActionName } from "@/lib/public-actions";

/** What the operator does at the host, with the commands of scripts/. */
type HostAction = "admin.create" | "admin.recover" | "admin.restore-policy" | "audit.erase";

/** What Keyturn does by itself, or as the consequence of somebody's act. */
type OwnAction = "admin.end-request" | "sending.stopped";

/** What a row can tell of: every protected action, what comes by a link or from the host, and what happens to a session. */
export type AuditAction =
  | ActionName
  | PublicActionName
  | HostAction
  | OwnAction
  | "session.sign-in"
  | "session.sign-in-again";
