import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { DemoCodes } from "@/components/demo-codes";
import { DemoOutbox } from "@/components/demo-outbox";
import { Logo } from "@/components/ui/logo";
import { demoAccounts, demoPassword } from "@/lib/demo/accounts";
import { readOutbox } from "@/lib/notices/read";
import { environment } from "@/lib/platform/env";
import { runningReader } from "@/lib/platform/running-database";
import { currentCode } from "@/lib/step-up/factors/totp/demo-seeds";

export const metadata: Metadata = { title: "Demo" };

export default async function DemoPage() {
  const env = environment();
  if (!env.demo) notFound();
  const now = new Date();
  const accounts = await Promise.all(
    demoAccounts.map(async ({ seed, ...account }) => ({
      ...account,
      code: seed ? (await currentCode(seed, now)).code : null,
    })),
  );
  const { secondsLeft } = await currentCode("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", now);
  const messages = await readOutbox(await runningReader());
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
      <DemoOutbox
        title="Outbox"
        messages={messages.filter(({ channel }) => channel === "mail")}
        origin={env.origin}
        waits={env.smtpUrl ? null : "No mail server is named (SMTP_URL): mails wait here to be read."}
        empty="No mail has been written yet."
      />
      <DemoOutbox
        title="Text messages"
        messages={messages.filter(({ channel }) => channel === "sms")}
        origin={env.origin}
        waits={env.twilio ? null : "No gateway is named (TWILIO_…): text messages wait here to be read."}
        empty="No text message has been written yet."
      />
    </main>
  );
}
