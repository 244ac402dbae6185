import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { createCustomer } from "@/app/actions/customers";
import { NewCustomerForm } from "@/components/customers/new-customer-form";
import { readTeamsToCreateIn } from "@/lib/people/read";
import { runningReader } from "@/lib/platform/running-database";
import { requireSession } from "@/lib/session/require-session";

export const metadata: Metadata = { title: "New customer" };

export default async function NewCustomerPage() {
  const { person } = await requireSession();
  const teams = await readTeamsToCreateIn(await runningReader(), person);
  if (teams.length === 0) notFound();
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <h1 className="font-semibold text-2xl">New customer</h1>
      <NewCustomerForm teams={teams} create={createCustomer} />
    </div>
  );
}
