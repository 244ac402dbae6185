import { must } from "@/e2e/fixtures/world";
import { Browser } from "../browser";
import { compareCpu } from "../compare";
import { type Figure, figure } from "../figure";
import { envelope, type Stage, signedIn } from "../stage";
import { byCode, forget, stepsUp } from "./step-up";

const path = "/bench";
const fields = { name: "Acme", email: "", street: "", city: "Hamburg", postalCode: "", country: "DE" };

/** An unlocked guarded action, as it is and without its guard; and what it costs to be refused. */
export async function actions(stage: Stage, rounds: number): Promise<Figure[]> {
  const { person, browser } = await signedIn(stage, { name: "Theo Bench", app: true });
  const customer = await stage.world.customer(must(person.teamId));
  const call = (input: unknown) => envelope(person, input);
  let version = 1;
  const save = (action: string, wrap: (input: unknown) => unknown) => async () => {
    const input = {
      customerId: customer.id,
      version,
      fields: { ...fields, phone: `+49 40 ${1000 + version}` },
    };
    const answer = await browser.act(path, action, wrap(input));
    if (answer.status && answer.status !== "done") throw new Error(`${action} answered ${answer.status}`);
    version += 1;
  };
  await stepsUp(browser, path, call({ customerId: customer.id }), byCode(stage, person));
  const guarded = { run: save("editCustomer", call) };
  const open = await compareCpu(
    stage.server,
    guarded,
    { run: save("editUnguarded", call) },
    // One query of many statements: small against what the garbage collector takes of a batch of ten.
    { rounds: rounds * 3, batch: 60, warmUp: 100 },
  );
  const bare = await compareCpu(
    stage.server,
    guarded,
    { run: save("editByHand", (input) => input) },
    { rounds },
  );

  await forget(stage, person);
  const empty = { run: () => browser.act(path, "empty") };
  const locked = { run: () => browser.act(path, "beginEdit", call({ customerId: customer.id })) };
  const refused = await compareCpu(stage.server, locked, empty, { rounds });
  const nobody = new Browser(stage.server.url);
  const unknown = { run: () => nobody.act(path, "beginEdit", call({ customerId: customer.id })) };
  const signedOut = await compareCpu(stage.server, unknown, empty, { rounds });
  return [
    figure("saving, unlocked, against the same without the guard", "×", open.ratio, {
      aim: 1.05,
      note: note(open),
    }),
    figure("saving, unlocked, against the change by hand", "×", bare.ratio, { note: note(bare) }),
    figure("refused: a second factor is asked for", "×", refused.ratio, { note: note(refused) }),
    figure("refused: nobody is signed in", "×", signedOut.ratio, { note: note(signedOut) }),
  ];
}

function note({ ms, baseMs }: Awaited<ReturnType<typeof compareCpu>>): string {
  return `${ms.median.toFixed(2)} ms against ${baseMs.median.toFixed(2)} ms`;
}
