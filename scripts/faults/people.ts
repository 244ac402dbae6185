import type { World } from "@/e2e/fixtures/world";
import { must } from "@/e2e/fixtures/world";
import type { Challenge } from "@/lib/step-up/action-result";
import { SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import { Browser } from "../bench/browser";
import { root } from "../lib/run.mjs";
import type { Journal } from "./journal";
import { Line } from "./line";
import { Person } from "./person";
import { Prover } from "./prover";
import type { Random } from "./random";
import type { Stage } from "./stage";

const withPasskey = 3;
const withApp = 5;
const sharedCustomers = 6;

/** A team at work on the same few customers, so that they get in each other's way, too. */
export class People {
  private resting = false;
  private working: Promise<void>[] = [];

  private constructor(
    private readonly team: Person[],
    /** Looks at pages, and changes nothing. */
    readonly onlooker: Line,
  ) {}

  static async gather(stage: Stage, random: Random): Promise<People> {
    const { world, app, journal } = stage;
    const teamId = await world.team();
    const customers = await customersOf(world, teamId);
    const team: Person[] = [];
    for (let index = 0; index < withPasskey + withApp; index += 1) {
      const made = await world.person({ name: `Person${index} Test`, teamId, app: true });
      const line = newLine(app.url, journal);
      const prover = new Prover(made, app.url, journal);
      const person = new Person(made, line, prover, journal, random, customers);
      await person.signIn();
      if (index < withPasskey) prover.passkey = await enrolsPasskey(line, prover, made.id, app.url);
      team.push(person);
    }
    const onlooker = newLine(app.url, journal);
    await onlooker.browser.signIn(must(team[0]).made.email, "correct horse battery");
    return new People(team, onlooker);
  }

  get size(): number {
    return this.team.length;
  }

  work(): void {
    this.resting = false;
    this.working = this.team.map((person) => person.work(() => this.resting));
  }

  /** Everyone ends what they are at. */
  async rest(): Promise<void> {
    this.resting = true;
    await Promise.all(this.working);
  }
}

async function customersOf(world: World, teamId: string) {
  const made = [];
  for (let index = 0; index < sharedCustomers; index += 1)
    made.push({ ...(await world.customer(teamId)), version: 1 });
  return made;
}

function newLine(url: string, journal: Journal): Line {
  return new Line(new Browser(url, root), journal);
}

/** As the settings page does it: a code vouches for the passkey. */
async function enrolsPasskey(line: Line, prover: Prover, person: string, origin: string) {
  const path = "/settings/security";
  const envelope = { input: { factor: "passkey", replaces: null }, callId: crypto.randomUUID(), person };
  const asked = must(await line.act(path, "openEnrolment", envelope));
  const proof = await prover.answers(asked.challenge as Challenge);
  const opened = must(await line.act(path, "openEnrolment", { ...envelope, proof }));
  const offer = opened.data as { enrolmentId: string; passkey: { creation: unknown } };
  const creation = offer.passkey.creation as {
    challenge: string;
    rp: { id: string };
    user: { id: string };
  };
  const device = new SoftwareAuthenticator("es256", { synced: true });
  device.userHandle = creation.user.id;
  const challenge = Buffer.from(creation.challenge, "base64url");
  const response = JSON.stringify(device.register({ challenge, rpId: creation.rp.id, origin }));
  const input = { enrolmentId: offer.enrolmentId, response };
  const bound = must(await line.act(path, "activatePasskey", { input, callId: crypto.randomUUID(), person }));
  if (bound.status !== "done") throw new Error(`the passkey was not bound: ${JSON.stringify(bound)}`);
  return device;
}
