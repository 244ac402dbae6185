import { type SQL, sql } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import { getTableConfig, type PgColumn, type PgTable } from "drizzle-orm/pg-core";
import { auditSubjectKeys } from "@/db/schema/audit";
import { outbox } from "@/db/schema/outbox";
import { callOutcomes, codeDestinations, enrolments, totpSeeds } from "@/db/schema/step-up";
import { subjectKeyPlace } from "@/lib/audit/subject-keys";
import { mailPlace } from "@/lib/notices/outbox";
import { outcomePlace } from "@/lib/step-up/call-outcomes";
import { enrolmentPlace } from "@/lib/step-up/enrolment/ticket";
import { destinationPlace, ticketDestinationPlace } from "@/lib/step-up/factors/sent-code/destination";
import { seedPlace } from "@/lib/step-up/factors/totp/seed";

/** A column that holds sealed text, and what it takes to seal one of its rows anew. */
export type SealedColumn = {
  /** `table.column`, as in the database. */
  name: string;
  table: PgTable;
  column: PgColumn;
  /** The primary key. */
  key: readonly PgColumn[];
  /** What the additional data is made of, by the names that `place` uses. */
  facts: Record<string, PgColumn | SQL<string>>;
  /** The additional data that binds a text to its row. */
  place(facts: Record<string, string>): string;
};

/**
 * Everything that is stored sealed. Rotation and the check at start go through this list and nothing else: a column
 * that is missing here would be lost with its key (lib/keys/sealed-columns.integration.test.ts compares it with the
 * schema).
 */
export const sealedColumns: readonly SealedColumn[] = [
  sealed(
    totpSeeds.sealedSeed,
    {
      authenticatorId: totpSeeds.authenticatorId,
      userId: sql`(select a.user_id from authenticators a where a.id = totp_seeds.authenticator_id)`,
    },
    ({ userId, authenticatorId }) => seedPlace(userId, authenticatorId),
  ),
  sealed(enrolments.sealedSeed, { userId: enrolments.userId, id: enrolments.id }, ({ userId, id }) =>
    enrolmentPlace(userId, id),
  ),
  sealed(
    codeDestinations.sealedDestination,
    {
      authenticatorId: codeDestinations.authenticatorId,
      userId: sql`(select a.user_id from authenticators a where a.id = code_destinations.authenticator_id)`,
    },
    ({ userId, authenticatorId }) => destinationPlace(userId, authenticatorId),
  ),
  sealed(enrolments.sealedDestination, { userId: enrolments.userId, id: enrolments.id }, ({ userId, id }) =>
    ticketDestinationPlace(userId, id),
  ),
  sealed(
    callOutcomes.sealedResult,
    { sessionId: callOutcomes.sessionId, callId: callOutcomes.callId },
    outcomePlace,
  ),
  sealed(outbox.sealedBody, { id: outbox.id }, ({ id }) => mailPlace(id)),
  sealed(auditSubjectKeys.sealedKey, { id: auditSubjectKeys.id }, ({ id }) => subjectKeyPlace(id)),
];

function sealed<Name extends string>(
  column: PgColumn,
  facts: Record<Name, PgColumn | SQL<string>>,
  place: (facts: Record<Name, string>) => string,
): SealedColumn {
  const table = column.table as PgTable;
  const { name, primaryKeys, columns } = getTableConfig(table);
  const key = primaryKeys[0]?.columns ?? columns.filter((one) => one.primary);
  return { name: `${name}.${toSnakeCase(column.name)}`, table, column, key, facts, place };
}
