import { eq, sql } from "drizzle-orm";
import { evidence, grants, totpSteps, userHandles } from "@/db/schema/step-up";
import type { MadePerson } from "@/e2e/fixtures/world";
import { must } from "@/e2e/fixtures/world";
import type { Challenge } from "@/lib/step-up/action-result";
import { passkeyAnswer } from "@/lib/step-up/factors/passkey/software-answer";
import type { Browser } from "../browser";
import { compareCpu } from "../compare";
import { type Figure, figure } from "../figure";
import { envelope, type Stage, signedIn } from "../stage";

type Prove = (challenge: Challenge) => Promise<{ factor: string; answer: unknown }>;

/** A whole step-up, from the refusal to the result, against two server actions that do nothing. */
export async function stepUp(stage: Stage, rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const factor of ["code", "passkey"] as const) {
    const { person, browser } = await signedIn(stage, { name: "Theo Bench", app: true });
    const customer = await stage.world.customer(must(person.teamId));
    const prove = factor === "code" ? byCode(stage, person) : await byPasskey(stage, person);
    for (const path of ["/bench", `/customers/${customer.id}`]) {
      const run = async () => {
        await forget(stage, person);
        await stepsUp(browser, path, envelope(person, { customerId: customer.id }), prove);
      };
      const empty = { run: () => browser.act(path, "empty"), times: 2 };
      const { ratio, ms, baseMs } = await compareCpu(stage.server, { run }, empty, { rounds });
      const where = path === "/bench" ? "" : ", and the record's page with the new cookie";
      const note = `${ms.median.toFixed(1)} ms against ${baseMs.median.toFixed(1)} ms`;
      figures.push(figure(`step-up by ${factor}${where}`, "×", ratio, { aim: 4, note }));
    }
  }
  return figures;
}

/** Refused, proved, done: two trips. */
export async function stepsUp(
  browser: Browser,
  path: string,
  call: ReturnType<typeof envelope>,
  prove: Prove,
): Promise<void> {
  const refusal = await browser.act(path, "beginEdit", call);
  if (refusal.status !== "step-up-required") throw new Error(`the call answered ${refusal.status}`);
  const challenge = refusal.challenge as Challenge;
  const proof = { token: challenge.token, ...(await prove(challenge)) };
  const done = await browser.act(path, "beginEdit", { ...call, proof });
  if (done.status !== "done") throw new Error(`the proof answered ${JSON.stringify(done)}`);
}

export function byCode({ world }: Stage, person: MadePerson): Prove {
  return async () => ({ factor: "totp", answer: { code: await world.code(must(person.seed)) } });
}

async function byPasskey({ world, server }: Stage, person: MadePerson): Promise<Prove> {
  const device = await world.passkey(person, { synced: true });
  device.userHandle = crypto.randomUUID().replaceAll("-", "");
  await world.database.insert(userHandles).values({ userId: person.id, handle: device.userHandle });
  return async (challenge) => ({
    factor: "passkey",
    answer: must(passkeyAnswer(device, challenge, server.url)),
  });
}

/** As if the person had not proved anything yet, and the code of this half minute were unused. */
export async function forget({ world: { database } }: Stage, person: MadePerson): Promise<void> {
  await database.delete(grants).where(eq(grants.userId, person.id));
  await database.delete(evidence).where(eq(evidence.userId, person.id));
  await database
    .update(totpSteps)
    .set({ lastStep: sql`${totpSteps.lastStep} - 100` })
    .where(eq(totpSteps.userId, person.id));
}
