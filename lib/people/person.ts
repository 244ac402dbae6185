import type { Role } from "@/db/schema/people";

/** A signed-in person as every check sees them: read from the database at use. */
export type Person = { id: string; name: string; email: string; role: Role; teamId: string | null };
