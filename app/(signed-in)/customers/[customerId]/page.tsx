import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { viewContract } from "@/app/actions/contracts";
import { beginEdit, changeBankDetails, downloadReceipt, editCustomer } from "@/app/actions/customers";
import { Activity } from "@/components/customers/activity";
import { CustomerRecordView } from "@/components/customers/customer-record-view";
import { readActivity } from "@/lib/audit/read";
import { countryName } from "@/lib/customers/fields";
import { readCustomer } from "@/lib/customers/read-record";
import { runningReader } from "@/lib/platform/running-database";
import { secrets } from "@/lib/platform/secrets";
import { confirmedActions } from "@/lib/protected-actions";
import { requireSession } from "@/lib/session/require-session";

type Props = {
  params: Promise<{ customerId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

const eventsShown = 20;

/** An event's number in the log, as an address has it. */
const sequence = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const { person } = await requireSession();
  const customer = await readCustomer(await runningReader(), person, (await params).customerId);
  return { title: customer?.name ?? "Not found" };
}

export default async function CustomerPage({ params, searchParams }: Props) {
  const { person } = await requireSession();
  const read = await runningReader();
  const customer = await readCustomer(read, person, (await params).customerId);
  if (!customer) notFound();
  const before = sequence.safeParse((await searchParams).before).data;
  const found = await readActivity(read, secrets().encryptionKeys, customer.id, {
    limit: eventsShown + 1,
    confirmed: confirmedActions,
    ...(before === undefined ? {} : { before }),
  });
  const events = found.slice(0, eventsShown);
  const last = events.at(-1);
  return (
    <CustomerRecordView
      customer={customer}
      country={countryName(customer.country)}
      actions={{ beginEdit, editCustomer, changeBankDetails, viewContract }}
      activity={
        <Activity
          events={events}
          olderThan={last && found.length > eventsShown ? Number(last.seq) : null}
          isNewest={before === undefined}
          customerId={customer.id}
          downloadReceipt={downloadReceipt}
        />
      }
    />
  );
}
