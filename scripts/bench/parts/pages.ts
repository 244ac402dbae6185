import { password } from "@/e2e/fixtures/world";
import { hashSecret, verifySecret } from "@/lib/platform/password-hash";
import { Browser } from "../browser";
import { compareCpu } from "../compare";
import { type Figure, figure } from "../figure";
import { type Stage, signedIn } from "../stage";

/** The pages of daily reading against a dynamic page that shows nothing, and signing in. */
export async function pages(stage: Stage, rounds: number): Promise<Figure[]> {
  const { person, browser } = await signedIn(stage, { name: "Maya Bench", role: "manager" });
  const customer = await stage.world.customer(await stage.world.team());
  const figures: Figure[] = [];
  for (const [name, path] of [
    ["list page", "/customers"],
    ["record page", `/customers/${customer.id}`],
  ] as const) {
    const empty = { run: () => browser.open("/bench") };
    const { ratio, ms, baseMs } = await compareCpu(stage.server, { run: () => browser.open(path) }, empty, {
      rounds,
    });
    const note = `${ms.median.toFixed(1)} ms against ${baseMs.median.toFixed(1)} ms`;
    figures.push(figure(name, "×", ratio, { aim: 3, note }));
  }
  const signIn = { run: () => new Browser(stage.server.url).signIn(person.email, password) };
  const empty = { run: () => browser.act("/bench", "empty"), times: 2 };
  const signing = await compareCpu(stage.server, signIn, empty, { rounds });
  const hashing = await hashMs();
  const note = `${signing.ms.median.toFixed(1)} ms, of which the password's hash ${hashing.toFixed(1)} ms`;
  return [
    ...figures,
    figure("sign-in, two requests, against two empty actions", "×", signing.ratio, { note }),
  ];
}

async function hashMs(): Promise<number> {
  const hash = await hashSecret(password);
  const before = process.cpuUsage();
  for (let count = 0; count < 20; count++) await verifySecret(hash, password);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / 20;
}
