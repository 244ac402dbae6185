import type { ActionName } from "@/lib/protected-actions";

/** What a row can tell of: every protected action, and what happens to a session around them. */
export type AuditAction = ActionName | "session.sign-in" | "session.sign-in-again";
