import { chromium } from "@playwright/test";
import { User } from "@/e2e/fixtures/user";
import { scriptKibOf } from "@/e2e/fixtures/weight";
import { must } from "@/e2e/fixtures/world";
import { chromiumArguments, ensureChromium } from "../../find-chromium.mjs";
import { type Figure, figure } from "../figure";
import type { Stage } from "../stage";

/** Compressed JavaScript of the first loads, and what the prompt adds (e2e/journeys/weight.spec.ts has the budgets). */
export async function weight({ server, world }: Stage): Promise<Figure[]> {
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArguments });
  try {
    const person = await world.person({ name: "Theo Bench", app: true });
    const acme = await world.customer(must(person.teamId));
    const theo = new User(world, person, await browser.newPage({ baseURL: server.url }));
    await theo.page.goto("/sign-in");
    const signIn = await scriptKibOf(theo.page);
    await theo.signsIn();
    await theo.page.goto("/customers");
    const list = await scriptKibOf(theo.page);
    await theo.opens(acme);
    const record = await scriptKibOf(theo.page);
    await theo.clicksEdit();
    await theo.prompt.waitFor();
    const prompt = (await scriptKibOf(theo.page)) - record;
    return [
      figure("first load, sign-in", "KiB", signIn),
      figure("first load, list", "KiB", list),
      figure("first load, record", "KiB", record),
      figure("what the prompt adds", "KiB", prompt, { aim: 25 }),
    ];
  } finally {
    await browser.close();
  }
}
