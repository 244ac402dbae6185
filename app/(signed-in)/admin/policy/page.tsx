import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { changePolicy, previewPolicy } from "@/app/actions/policy";
import { PolicyView } from "@/components/admin/policy/policy-view";
import { mayAdminister } from "@/lib/access/access";
import { readWaysToAsk } from "@/lib/approvals/approvers";
import { readOpenApprovals } from "@/lib/approvals/read";
import { runningReader } from "@/lib/platform/running-database";
import { policyTable } from "@/lib/policy/table";
import { readPolicy, readVersions } from "@/lib/policy/versions";
import { signInLabels } from "@/lib/policy/words";
import { requireSession } from "@/lib/session/require-session";

const versionsShown = 10;

type Props = { searchParams: Promise<{ before?: string | string[] }> };

/** What somebody typed into the address is a version, or nothing. */
const shownBefore = z.string().transform(Number).pipe(z.int32().min(1)).optional().catch(undefined);

export async function generateMetadata(): Promise<Metadata> {
  const { person } = await requireSession();
  return { title: mayAdminister(person) ? "Policy" : "Not found" };
}

export default async function PolicyPage({ searchParams }: Props) {
  const { person } = await requireSession();
  if (!mayAdminister(person)) notFound();
  const before = shownBefore.parse((await searchParams).before);
  const read = await runningReader();
  const [current, versions, [waiting = null], ways] = await Promise.all([
    readPolicy(read),
    readVersions(read, versionsShown, before),
    readOpenApprovals(read, person, { target: "policy" }),
    readWaysToAsk(read, { askedBy: person.id, target: null }),
  ]);
  return (
    <PolicyView
      current={current}
      table={policyTable()}
      signInLabels={signInLabels}
      versions={versions}
      waiting={waiting}
      nobodyApproves={ways["loosen-policy"]}
      actions={{ preview: previewPolicy, change: changePolicy }}
    />
  );
}
