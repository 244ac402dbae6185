import { eq } from "drizzle-orm";
import { customers as table } from "@/db/schema/customers";
import { teams } from "@/db/schema/people";
import { must } from "@/e2e/fixtures/world";
import { cursorOf, listOrders } from "@/lib/customers/list-order";
import type { Browser } from "../browser";
import { spreadOf } from "../compare";
import { type Databases, multiplied } from "../databases";
import { type Figure, figure } from "../figure";
import { openStage, type Stage, signedIn } from "../stage";

type Seen = { maya: Browser; theo: Browser; middle: string };
type Case = (seen: Seen) => Promise<void>;

const cases: Record<string, Case> = {
  "first page": ({ maya }) => maya.open("/customers"),
  "first page, an employee's": ({ theo }) => theo.open("/customers"),
  "latest changes": ({ maya }) => maya.open("/customers?sort=updated"),
  "archived ones": ({ maya }) => maya.open("/customers?status=archived"),
  "a page in the middle": ({ maya, middle }) => maya.open(`/customers?after=${middle}`),
  "search: a number": ({ maya }) => maya.open("/customers?q=c-19876"),
  "search: two letters": ({ maya }) => maya.open("/customers?q=ag"),
  "search: two letters that begin nothing": ({ maya }) => maya.open("/customers?q=qx"),
  "search: a common word": ({ maya }) => maya.open("/customers?q=gmbh"),
  "search: a common word, an employee's": ({ theo }) => theo.open("/customers?q=gmbh"),
  "search: a family name": ({ maya }) => maya.open("/customers?q=lindqvist"),
  "search: a city and a family name": ({ maya }) => maya.open("/customers?q=wien+huber"),
  "search: nothing found": ({ maya }) => maya.open("/customers?q=no+such+company"),
};

const sizes = [100_000, 1_000_000];

/** How long pages take over HTTP at a hundred thousand and at a million customers, as a multiple of ten thousand. */
export async function customers(databases: Databases, rounds: number): Promise<Figure[]> {
  const urls = [databases.url];
  for (const size of sizes) urls.push(await multiplied(databases, size));
  return compareSizes(urls, rounds);
}

/** @param urls of databases of ten thousand customers and of each size */
export async function compareSizes(urls: string[], rounds: number): Promise<Figure[]> {
  const stages: Stage[] = [];
  try {
    for (const url of urls) stages.push(await openStage(url));
    const seen = await Promise.all(stages.map(look));
    const figures: Figure[] = [];
    for (const [name, open] of Object.entries(cases)) {
      const [base = [], ...larger] = await timesOf(open, seen, rounds);
      for (const [index, times] of larger.entries()) {
        const ratio = spreadOf(times.map((time, round) => time / (base[round] ?? Number.NaN)));
        const note = `${spreadOf(times).median.toFixed(0)} ms against ${spreadOf(base).median.toFixed(0)} ms`;
        figures.push(
          figure(`${name}, at ${sizes[index]?.toLocaleString("en-GB")}`, "×", ratio, { aim: 1.5, note }),
        );
      }
    }
    return figures;
  } finally {
    for (const stage of stages) await stage.close();
  }
}

/** A manager and an employee of the largest team, and a cursor into the middle of the list by name. */
async function look(stage: Stage): Promise<Seen> {
  const { database } = stage.world;
  const [north] = await database.select().from(teams).where(eq(teams.name, "North"));
  const { browser: maya } = await signedIn(stage, { name: "Maya Bench", role: "manager" });
  const { browser: theo } = await signedIn(stage, { name: "Theo Bench", teamId: must(north).id });
  const half = Math.floor((await database.$count(table)) / 2);
  const { by, key } = listOrders.name;
  const [place] = await database
    .select({ key, id: table.id })
    .from(table)
    .orderBy(by, table.id)
    .limit(1)
    .offset(half);
  return { maya, theo, middle: cursorOf("name", "asc", must(place)) };
}

/** Milliseconds by size and round; the sizes in turn, so that what the machine does besides falls on each. */
async function timesOf(open: Case, seen: Seen[], rounds: number): Promise<number[][]> {
  const times: number[][] = seen.map(() => []);
  for (let round = -2; round < rounds * 2; round++) {
    for (const [index, one] of seen.entries()) {
      const before = performance.now();
      await open(one);
      if (round >= 0) times[index]?.push(performance.now() - before);
    }
  }
  return times;
}
