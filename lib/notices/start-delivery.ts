import { setTimeout as pause } from "node:timers/promises";
import { logFailure } from "@/lib/platform/log";
import { repeat } from "@/lib/platform/repeat";
import { batchSize, type Delivery, deliverOne, forgetGivenUp, takeDue } from "./deliver";
import { followDue } from "./follow";

const pollMilliseconds = 1_000;
const longestPauseMilliseconds = 30_000;
const sweepMilliseconds = 60 * 60 * 1_000;

/**
 * Delivers until it is stopped, and asks what became of it where the gateway tells. Whatever happens, the loops live on:
 * while the database or the mail server is away they ask less and less often. Returns the end, which waits for what is
 * on its way.
 */
export function startDelivery(delivery: Delivery): () => Promise<void> {
  const { courier } = delivery;
  const onTheWay = new Set<Promise<void>>();
  const ends = [repeat(turnsOf(delivery, onTheWay)), ...(courier.ask ? [repeat(followTurns(delivery))] : [])];
  return async () => {
    await Promise.all(ends.map((end) => end()));
    await Promise.all(onTheWay);
    courier.close();
  };
}

/**
 * A turn takes up what there is room for, and waits for the first of them: one that hangs holds up no other. What comes
 * back later counts at the next turn: a slow server is not one that is away.
 */
export function turnsOf(delivery: Delivery, onTheWay: Set<Promise<void>>): () => Promise<number> {
  const { channel } = delivery;
  let fruitless = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;
  /** What came of mails since the last turn. */
  let since = { sent: false, refused: false };
  const failed = (error: unknown) => {
    if (fruitless === 0) logFailure("outbox", `${channel}.deliver`, error);
    fruitless += 1;
  };
  return async () => {
    try {
      if (performance.now() - sweptAt > sweepMilliseconds) {
        await forgetGivenUp(delivery);
        sweptAt = performance.now();
      }
      const due = onTheWay.size < batchSize ? await takeDue(delivery, batchSize - onTheWay.size) : [];
      for (const row of due) {
        const one: Promise<void> = deliverOne(delivery, row)
          .then((gotOut) => {
            since[gotOut ? "sent" : "refused"] = true;
          }, failed)
          .finally(() => onTheWay.delete(one));
        onTheWay.add(one);
      }
      const idle = onTheWay.size === 0;
      if (!idle) await Promise.race([...onTheWay, pause(pollMilliseconds, undefined, { ref: false })]);
      const { sent, refused } = since;
      since = { sent: false, refused: false };
      if (sent || (idle && !refused)) fruitless = 0;
      else if (refused) fruitless += 1;
      if (sent) return 0;
    } catch (error) {
      failed(error);
    }
    return pauseAfter(fruitless);
  };
}

function followTurns({ database, channel, courier }: Delivery): () => Promise<number> {
  let fruitless = 0;
  return async () => {
    try {
      await followDue(database, courier);
      fruitless = 0;
    } catch (error) {
      if (fruitless === 0) logFailure("outbox", `${channel}.follow`, error);
      fruitless += 1;
    }
    return pauseAfter(fruitless);
  };
}

function pauseAfter(fruitless: number): number {
  return Math.min(pollMilliseconds * 2 ** Math.min(fruitless, 10), longestPauseMilliseconds);
}
