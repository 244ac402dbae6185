import type { Database } from "@/db/client";
import { environment } from "@/lib/platform/env";

/** Where a mail server is named, mails go out of the outbox; elsewhere they wait in it. Returns the end. */
export async function startMail(database: Database): Promise<() => Promise<void>> {
  const { smtpUrl, mailFrom, demo } = environment();
  if (!smtpUrl || !mailFrom) return async () => {};
  const { startDelivery } = await import("./deliver");
  const { smtpCourier } = await import("./smtp");
  return startDelivery({ database, courier: smtpCourier({ smtpUrl, mailFrom }), keepsBodies: demo });
}
