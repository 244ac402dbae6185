import { eq, sql } from "drizzle-orm";
import { sessions } from "@/db/schema/sessions";
import { password } from "@/e2e/fixtures/world";
import { Browser } from "../../bench/browser";
import { root } from "../../lib/run.mjs";
import { type Fault, moment, type Scene } from "../fault";

const minute = 60_000;
const day = 24 * 60 * minute;
const shifts = {
  "clock-day-behind": -day,
  "clock-minutes-behind": -10 * minute,
  "clock-minutes-ahead": 10 * minute,
  "clock-day-ahead": day,
};

/** The app's clock is wrong, PostgreSQL's is not. Then a start with the right one. */
export const shiftClocks: Fault[] = Object.entries(shifts).map(([name, clockMs]) => ({
  name,
  strike: (scene) => shift(scene, clockMs),
}));

async function shift(scene: Scene, clockMs: number): Promise<void> {
  const { app, people, journal } = scene;
  const ended = await endedSession(scene);
  await app.kill();
  await app.start({ clockMs });
  const signedOut = () => journal.seen.get("signed-out") ?? 0;
  const before = signedOut();
  await moment(scene, 5_000, 9_000);
  // A cookie that is a day old by this clock is at its end; the ones that are made now are not.
  if (signedOut() - before > people.size)
    journal.faults.push(`${signedOut() - before} times signed out by a clock that is ${clockMs} ms ahead`);
  await staysEnded(scene, ended, clockMs);
  await app.kill();
  await app.start();
}

/** A session whose time has run out by the database's clock, and whose cookie an early clock finds young. */
async function endedSession({ app, world }: Scene): Promise<Browser> {
  const person = await world.person({ name: "Ended Test" });
  const browser = new Browser(app.url, root);
  await browser.signIn(person.email, password);
  await world.database
    .update(sessions)
    .set({ expiresAt: sql`now() - interval '1 second'` })
    .where(eq(sessions.personId, person.id));
  return browser;
}

async function staysEnded({ journal }: Scene, browser: Browser, clockMs: number): Promise<void> {
  const { status } = await browser.get("/customers");
  if (status === 200) journal.faults.push(`a clock that is ${clockMs} ms ahead revived an ended session`);
}
