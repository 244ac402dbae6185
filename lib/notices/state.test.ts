import { expect, it } from "vitest";
import { stateOf } from "./state";

const at = (hours: number) => new Date(Date.UTC(2026, 0, 1, hours));
const mail = { sentAt: null, attempts: 0, createdAt: at(0), nextAttemptAt: at(0), expiresAt: null };

it.each([
  ["waiting", {}, 0],
  ["trying-again", { attempts: 3, nextAttemptAt: at(2) }, 1],
  // Refused for good: no next try within our patience.
  ["given-up", { attempts: 1, nextAttemptAt: at(72) }, 1],
  ["given-up", { attempts: 70, nextAttemptAt: at(71) }, 72],
  ["waiting", { expiresAt: at(3) }, 2],
  ["given-up", { expiresAt: at(3) }, 3],
  ["sent", { attempts: 2, sentAt: at(1) }, 100],
] as const)("a mail is %s: %j after %i hours", (state, changes, hours) => {
  expect(stateOf({ ...mail, ...changes }, at(hours))).toBe(state);
});
