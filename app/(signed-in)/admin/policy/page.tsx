import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { changePolicy, previewPolicy, restorePolicy } from "@/app/actions/policy";
import { PolicyView } from "@/components/admin/policy/policy-view";
import { mayAdminister } from "@/lib/access/access";
import { runningReader } from "@/lib/platform/running-database";
import { policyTable } from "@/lib/policy/table";
import { readPolicy, readVersions } from "@/lib/policy/versions";
import { signInLabels } from "@/lib/policy/words";
import { requireSession } from "@/lib/session/require-session";

const versionsShown = 10;

type Props = { searchParams: Promise<{ before?: string }> };

export async function generateMetadata(): Promise<Metadata> {
  const { person } = await requireSession();
  return { title: mayAdminister(person) ? "Policy" : "Not found" };
}

export default async function PolicyPage({ searchParams }: Props) {
  const { person } = await requireSession();
  if (!mayAdminister(person)) notFound();
  const before = Number((await searchParams).before) || undefined;
  const read = await runningReader();
  const [current, versions] = await Promise.all([
    readPolicy(read),
    readVersions(read, versionsShown, before),
  ]);
  return (
    <PolicyView
      current={current}
      table={policyTable()}
      signInLabels={signInLabels}
      versions={versions}
      actions={{ preview: previewPolicy, change: changePolicy, restore: restorePolicy }}
    />
  );
}
