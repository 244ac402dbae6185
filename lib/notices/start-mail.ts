import type { Database } from "@/db/client";
import { environment } from "@/lib/platform/env";
import type { Delivery } from "./deliver";

/** Where a mail server or a gateway is named, messages go out of the outbox; elsewhere they wait in it. Returns the end. */
export async function startMail(database: Database): Promise<() => Promise<void>> {
  const { demo } = environment();
  const couriers = await couriersOf(environment());
  const { startDelivery } = await import("./start-delivery");
  const ends = couriers.map((courier) => startDelivery({ database, keepsBodies: demo, ...courier }));
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}

async function couriersOf({ smtpUrl, mailFrom, twilio }: ReturnType<typeof environment>) {
  const couriers: Pick<Delivery, "channel" | "courier">[] = [];
  if (smtpUrl && mailFrom) {
    const { smtpCourier } = await import("./smtp");
    couriers.push({ channel: "mail", courier: smtpCourier({ smtpUrl, mailFrom }) });
  }
  if (twilio) {
    const { smsCourier } = await import("./sms");
    couriers.push({ channel: "sms", courier: smsCourier(twilio) });
  }
  return couriers;
}
