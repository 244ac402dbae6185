import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { DemoCodes } from "@/components/demo-codes";
import { Logo } from "@/components/ui/logo";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import { demoAccounts, demoPassword } from "@/lib/demo/accounts";
import { readOutbox } from "@/lib/notices/read";
import { environment } from "@/lib/platform/env";
import { runningReader } from "@/lib/platform/running-database";
import { currentCode } from "@/lib/step-up/factors/totp/demo-seeds";

export const metadata: Metadata = { title: "Demo" };

export default async function DemoPage() {
  if (!environment().demo) notFound();
  const now = new Date();
  const accounts = await Promise.all(
    demoAccounts.map(async ({ seed, ...account }) => ({
      ...account,
      code: seed ? (await currentCode(seed, now)).code : null,
    })),
  );
  const { secondsLeft } = await currentCode("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", now);
  const mails = await readOutbox(await runningReader());
  return (
    <main className="mx-auto flex max-w-4xl flex-col gap-5 px-4 py-8">
      <Logo />
      <h1 className="font-semibold text-2xl">Demo accounts</h1>
      <p>
        The password of all is{" "}
        <code className="rounded bg-sunken px-1.5 py-0.5 font-mono">{demoPassword}</code>. The codes are what
        each person's authenticator app would show now.
      </p>
      <DemoCodes accounts={accounts} secondsLeft={secondsLeft} />
      <Panel title="Outbox">
        {mails.length === 0 ? <p className="text-ink-soft">No mail has been written yet.</p> : null}
        <ul className="flex flex-col divide-y divide-line">
          {mails.map((mail) => (
            <li key={mail.id} className="py-3 first:pt-0 last:pb-0">
              <p className="flex flex-wrap justify-between gap-x-4">
                <span className="font-medium">{mail.subject}</span>
                <span className="text-ink-soft text-sm">
                  to {mail.recipient}, <When at={mail.createdAt} />
                </span>
              </p>
              <p className="text-ink-soft">{mail.body}</p>
            </li>
          ))}
        </ul>
      </Panel>
    </main>
  );
}
