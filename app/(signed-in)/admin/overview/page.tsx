import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { OverviewView } from "@/components/admin/overview/overview-view";
import { mayAdminister, mayReadAudit } from "@/lib/access/access";
import { readConfirmTimes, readDecisions } from "@/lib/oversight/overview/read-decisions";
import { readDeadlines, readStrengths } from "@/lib/oversight/overview/read-enrolment";
import { environment } from "@/lib/platform/env";
import { runningReader } from "@/lib/platform/running-database";
import { requireSession } from "@/lib/session/require-session";

export async function generateMetadata(): Promise<Metadata> {
  const { person } = await requireSession();
  return { title: mayReadAudit(person) ? "Security overview" : "Not found" };
}

export default async function OverviewPage() {
  const { person, now } = await requireSession();
  if (!mayReadAudit(person)) notFound();
  const read = await runningReader();
  const [roles, decisions, times, deadlines] = await Promise.all([
    readStrengths(read, person),
    readDecisions(read, person, now),
    readConfirmTimes(read, person, now),
    readDeadlines(read, person),
  ]);
  return (
    <OverviewView
      roles={roles}
      decisions={decisions}
      times={times}
      deadlines={deadlines}
      demo={environment().demo}
      administers={mayAdminister(person)}
    />
  );
}
