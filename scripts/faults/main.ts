import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseKeyRing } from "@/lib/platform/key-ring";
import { root } from "../lib/run.mjs";
import { Stop, speaking } from "../lib/sentences.mjs";
import type { Fault, Scene } from "./fault";
import { breaches } from "./invariants";
import { acknowledged } from "./journal";
import { faults } from "./kinds/all";
import { People } from "./people";
import { Random } from "./random";
import { openStage } from "./stage";
import { breachesOfLog } from "./verify";

await speaking(async () => {
  const { seed, kinds, goesOn } = options();
  console.log(`Seed ${seed}: --seed ${seed} repeats the choice of faults.`);
  const began = Date.now();
  const stage = await openStage();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const struck = new Map<string, number>();
  const told = new Set<string>();
  try {
    const random = new Random(seed);
    const scene: Scene = { ...stage, random, people: await People.gather(stage, random) };
    for (let round = 0; goesOn(round); round += 1) {
      const fault = kinds(random, round);
      struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
      const wrong = (await strike(scene, fault)).filter((words) => !told.has(words));
      for (const words of wrong) told.add(words);
      counts[wrong.length === 0 ? "passed" : "failed"] += 1;
      const total = `${acknowledged(scene.journal)} edits acknowledged so far`;
      console.log(`${wrong.length === 0 ? "✓" : "✗"} ${round + 1} ${fault.name}: ${total}`);
      for (const words of wrong) console.log(`    ${words}`);
      scene.journal.faults.length = 0;
    }
    report({
      seed,
      counts,
      wrong: [...told],
      struck: Object.fromEntries(struck),
      seconds: (Date.now() - began) / 1_000,
      scene,
    });
  } finally {
    await stage.close();
  }
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
});

/** One round: people work, something breaks, is mended, they go on, and rest; then all of it must hold. */
async function strike(scene: Scene, fault: Fault): Promise<string[]> {
  const { people, app, journal, world } = scene;
  const fell = app.fell;
  people.work();
  const thrown: string[] = [];
  try {
    await fault.strike(scene);
    await app.recovers();
    await goOn(scene);
  } catch (error) {
    thrown.push(error instanceof Error ? error.message : String(error));
  }
  if (!app.runs) await app.start();
  await people.rest();
  const ring = parseKeyRing(process.env.KEYTURN_ENCRYPTION_KEYS ?? "");
  const found = await breaches(world.opened.reader, ring, journal);
  if (app.fell > fell) thrown.push("the app ended by itself");
  return [...thrown, ...found, ...(await breachesOfLog(scene))];
}

/** People are served again: some edits more are acknowledged. */
async function goOn({ journal }: Scene): Promise<void> {
  const before = acknowledged(journal);
  const giveUp = Date.now() + 90_000;
  while (acknowledged(journal) < before + 5) {
    if (Date.now() > giveUp) throw new Error("90 s after the fault nobody was served");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function options() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      rounds: { type: "string" },
      minutes: { type: "string" },
      only: { type: "string", multiple: true },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const chosen = faults.filter(({ name }) => values.only?.includes(name) ?? true);
  if (chosen.length === 0 || (values.only && chosen.length < new Set(values.only).size))
    throw new Stop(`--only takes ${faults.map(({ name }) => name).join(", ")}.`);
  const until = values.minutes ? Date.now() + Number(values.minutes) * 60_000 : Number.POSITIVE_INFINITY;
  const rounds = values.rounds
    ? Number(values.rounds)
    : values.minutes
      ? Number.POSITIVE_INFINITY
      : chosen.length;
  let turn: Fault[] = [];
  const kinds = (random: Random, round: number): Fault => {
    if (round % chosen.length === 0) turn = random.shuffled(chosen);
    return turn[round % chosen.length] as Fault;
  };
  return { seed, kinds, goesOn: (round: number) => round < rounds && Date.now() < until };
}

type Report = {
  seed: number;
  counts: { passed: number; failed: number; skipped: number };
  /** What the failed rounds found. */
  wrong: string[];
  struck: Record<string, number>;
  seconds: number;
  scene: Scene;
};

function report({ seed, counts, wrong, struck, seconds, scene: { journal, proxy } }: Report): void {
  const answers = Object.fromEntries([...journal.seen].sort());
  const edits = acknowledged(journal);
  const unknown = journal.entries.filter(({ answer }) => answer === "unknown").length;
  const figures = {
    seed,
    counts,
    wrong,
    seconds: Math.round(seconds),
    struck,
    edits,
    unknown,
    lostCommits: proxy.lost,
    slowestMs: journal.slowest,
    answers,
  };
  console.log(`\n${JSON.stringify(figures, null, 2)}`);
  const folder = join(root, ".cache/test-reports");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "faults.json"), `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
}
