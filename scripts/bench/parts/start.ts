import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "@/e2e/fixtures/world";
import { demoPassword } from "@/lib/demo/accounts";
import { afterUs } from "../../lib/after-us.mjs";
import { Browser } from "../browser";
import { spreadOf } from "../compare";
import type { Databases } from "../databases";
import { type Figure, figure } from "../figure";
import { type Server, startServer } from "../server";
import { openStage, signedIn } from "../stage";

const mib = 1024 * 1024;

/** From the built app to the first list page, for a newcomer and again; and what it weighs in memory. */
export async function start(databases: Databases, rounds: number): Promise<Figure[]> {
  return [...(await starts()), ...(await memory(databases, rounds))];
}

/** The embedded database with the demo in it, as a newcomer has it; nothing is installed or built here. */
async function starts(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  afterUs({ folders: [folder] });
  const env = { KEYTURN_DATA_DIR: folder, KEYTURN_DEMO: "1" };
  const seconds: number[] = [];
  for (let count = 0; count < 4; count++) {
    const before = performance.now();
    const server = await startServer(env, { script: "start" });
    await firstList(server);
    seconds.push((performance.now() - before) / 1000);
    await server.stop();
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const [first = Number.NaN, ...later] = seconds;
  return [
    figure("start to the first list page, with the demo's data made", "s", first),
    figure("second start to the first list page", "s", spreadOf(later)),
  ];
}

async function firstList(server: Server): Promise<void> {
  const browser = new Browser(server.url);
  await browser.signIn("theo@keyturn.example", demoPassword);
  await browser.open("/customers");
}

/** After a start, and after rounds of lists and records by eight at once: it must not go on growing. */
async function memory({ url }: Databases, rounds: number): Promise<Figure[]> {
  const stage = await openStage(url);
  try {
    const { person, browser } = await signedIn(stage);
    const customer = await stage.world.customer(must(person.teamId));
    const started = (await stage.server.use()).memory / mib;
    const load = async (pages: number) => {
      const reader = async () => {
        for (let count = 0; count < pages / 16; count++) {
          await browser.open("/customers");
          await browser.open(`/customers/${customer.id}`);
        }
      };
      await Promise.all(Array.from({ length: 8 }, reader));
      return (await stage.server.use()).memory / mib;
    };
    const pages = rounds * 80;
    const once = await load(pages);
    const twice = await load(pages);
    return [
      figure("memory after the start", "MiB", started),
      figure(`memory after ${pages} pages, eight at once`, "MiB", once),
      figure(`memory after ${pages * 2} pages`, "MiB", twice),
    ];
  } finally {
    await stage.close();
  }
}
