import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { viewContract } from "@/app/actions/contracts";
import { beginEdit, changeBankDetails, downloadReceipt, editCustomer } from "@/app/actions/customers";
import { Activity } from "@/components/customers/activity";
import { CustomerRecordView } from "@/components/customers/customer-record-view";
import { readActivity } from "@/lib/audit/read";
import { countryName } from "@/lib/customers/fields";
import { readCustomer } from "@/lib/customers/read-record";
import { runningReader } from "@/lib/platform/running-database";
import { secrets } from "@/lib/platform/secrets";
import { requireSession } from "@/lib/session/require-session";

type Props = { params: Promise<{ customerId: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { person } = await requireSession();
  const customer = await readCustomer(await runningReader(), person, (await params).customerId);
  return { title: customer?.name ?? "Not found" };
}

export default async function CustomerPage({ params }: Props) {
  const { person } = await requireSession();
  const read = await runningReader();
  const customer = await readCustomer(read, person, (await params).customerId);
  if (!customer) notFound();
  const activity = await readActivity(read, secrets().encryptionKeys, customer.id);
  return (
    <CustomerRecordView
      customer={customer}
      country={countryName(customer.country)}
      actions={{ beginEdit, editCustomer, changeBankDetails, viewContract }}
      activity={<Activity events={activity} customerId={customer.id} downloadReceipt={downloadReceipt} />}
    />
  );
}
