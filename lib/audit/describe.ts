import type { ActivityEvent } from "./read";

export function describeEvent(event: ActivityEvent): string {
  return `${event.actorName ?? "Somebody"}: ${event.action} ${event.outcome}`;
}
