import type { ActionName } from "@/lib/protected-actions";

import type { PublicActionName } from "@/lib/public-actions";

/** What a row can tell of: every protected action, what comes by a link, and what happens to a session. */
export type AuditAction = ActionName | PublicActionName | "session.sign-in" | "session.sign-in-again";
