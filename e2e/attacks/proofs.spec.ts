import { eq } from "drizzle-orm";
import fc from "fast-check";
import { codeAttempts, evidence } from "@/db/schema/step-up";
import type { SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import { expect, test } from "../fixtures/test";
import { must, password } from "../fixtures/world";
import { Arena, holds, statusOf } from "./arena";
import { Caller } from "./caller";
import * as race from "./contestants";
import { faulty } from "./faults";
import { send, sendTogether } from "./wire";

/*
 * What stands in the place of a proof, and what a right proof is sent along with (threats.md 3, 17, 24), where codes
 * by mail and text message are switched on, too.
 */
test.describe.configure({ mode: "serial", timeout: 600_000 });

let arena: Arena;
/** Theo's passkey: his strongest factor, without which his account's security takes no proof. */
let device: SoftwareAuthenticator;

test.beforeAll(async () => {
  arena = await Arena.open({
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "never asked for",
    TWILIO_SENDER: "+4915199999999",
    // Nobody listens there: no text message has to come for what is tried here.
    TWILIO_BASE_URL: "http://127.0.0.1:9",
  });
  const { world } = arena.app;
  await world.policy({ factors: { "email-code": true, "sms-code": true } });
  const { person } = arena.cast.theo;
  device = await world.passkey(person);
  await world.codesBy(person, "email-code");
  await world.codesBy(person, "sms-code", "+4917012345678");
  await world.recoveryCodes(person.id);
});
test.afterAll(() => arena?.close("proofs"));

/** Any value, and values of a factor's shape with any member. */
const answers = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record({ code: fc.jsonValue({ maxDepth: 1 }) }),
  fc.record({ code: fc.string({ unit: "binary", maxLength: 40 }) }),
  fc.record({ password: fc.jsonValue({ maxDepth: 1 }) }),
  fc.record({
    ...{ id: fc.string(), rawId: fc.string(), type: fc.constant("public-key") },
    clientExtensionResults: fc.constant({}),
    response: fc.record({
      clientDataJSON: fc.base64String(),
      authenticatorData: fc.base64String(),
      signature: fc.base64String(),
    }),
  }),
);

for (const factor of ["passkey", "totp", "sms-code", "email-code", "recovery-code", "password"] as const)
  test(`${factor}: a refusal for whatever value comes in place of an answer`, async () => {
    const { app, cast } = arena;
    const { database } = app.world;
    const person = factor === "password" ? await app.world.person({ name: "Erin Test" }) : cast.theo.person;
    const caller = await Caller.signsIn(app.world, app.url, person);
    const [action, input] =
      factor === "password"
        ? ["openFirstEnrolment", {}]
        : factor === "recovery-code"
          ? ["openEnrolment", { factor: "totp", replaces: null }]
          : ["beginEdit", { customerId: cast.acme.id }];
    const proofs = await database.$count(evidence, eq(evidence.userId, person.id));
    await holds(factor, 12, answers, async (answer) => {
      await database.delete(codeAttempts).where(eq(codeAttempts.userId, person.id));
      const sent = await race.proved(caller, action, input, factor, answer);
      const told = await arena.answered(`values in place of an answer: ${factor}`, sent);
      arena.expectHarmless(told, "theo");
      // Some values the gate refuses before anybody reads them.
      if (told.status < 400 && statusOf(told) !== "proof-rejected")
        throw new Error(`answered ${statusOf(told)}`);
    });
    expect(await database.$count(evidence, eq(evidence.userId, person.id))).toBe(proofs);
  });

test("a right proof carries no other input than the one that it was asked for", async () => {
  const { app, cast } = arena;
  // Finishing a sign-in counts a proof of the last minute, whatever that was for: it asks for none here.
  const asking = Object.entries(cast.examples).filter(
    ([action, { answer }]) => answer === "step-up-required" && action !== "finishSignIn",
  );
  const passkey = must((await app.world.authenticatorsOf(cast.theo.person.id)).find(isPasskey));
  /** As right as what the proof is asked for: nothing stops these but that it was asked for something else. */
  const others: Record<string, unknown> = {
    changeBankDetails: {
      ...{ customerId: cast.acme.id, version: 1 },
      bankDetails: { accountHolder: "Acme GmbH", iban: "FR1420041010050500013M02606" },
    },
    removeFactor: { authenticatorId: passkey.id },
    openEnrolment: { factor: "passkey", replaces: null },
    changePassword: { current: password, next: "seven bridges over the Spree" },
    changeEmail: { email: "theo.other@test.example" },
  };
  await arena.changesNothing(async () => {
    for (const [action, { by, input, optional = [] }] of asking) {
      const caller = by === "ada" ? cast.ada : cast.theo;
      const tries = async (wrong: unknown) => {
        const proof = await proofFor(caller, action, input);
        const told = await arena.answered(
          "right proofs with another input",
          caller.call(action, wrong, { proof }),
        );
        arena.expectHarmless(told, by);
        if (["done", "proof-rejected", "none"].includes(statusOf(told)) && told.status < 400)
          throw new Error(`${action} answered ${told.text.slice(0, 300)}`);
      };
      const faults = faulty(input, { foreign: cast.foreign, optional });
      await holds(action, 4, faults, ([wrong]) => tries(wrong));
      if (others[action]) await tries(others[action]);
    }
  });
  // Such proofs do carry what they were asked for.
  for (const [caller, action] of [
    [cast.theo, "generateRecoveryCodes"],
    [cast.ada, "exportAudit"],
  ] as const) {
    const { input } = must(cast.examples[action]);
    const proof = await proofFor(caller, action, input);
    const told = await send(app.url, caller.call(action, input, { proof }));
    expect(race.resultOf(told).status, action).toBe("done");
    caller.keeps(told);
  }
});

const isPasskey = ({ factor }: { factor: string }) => factor === "passkey";

/** A right answer to the challenge of this call: Theo's by his passkey, Ada's by her app. */
async function proofFor(caller: Caller, action: string, input: unknown) {
  const { app, cast } = arena;
  const challenge = await race.challengeFor(caller, action, input);
  const { token } = challenge;
  if (caller === cast.theo)
    return { token, factor: "passkey", answer: race.asserts(device, caller, challenge) };
  return { token, factor: "totp", answer: { code: await app.world.code(must(caller.person.seed)) } };
}

test("a code that was mailed passes once, of fifty that come together", async () => {
  const { app, cast } = arena;
  const { world, url } = app;
  const { person } = cast.theo;
  const caller = await Caller.signsIn(world, url, person);
  const { token } = await race.challengeFor(caller, "beginEdit", { customerId: cast.acme.id });
  const mailbox = must((await world.authenticatorsOf(person.id)).find((one) => one.factor === "email-code"));
  const asked = caller.call("sendCode", { token, authenticatorId: mailbox.id });
  expect(race.resultOf(await send(url, asked)).status).toBe("done");
  const code = must(/\d{6}/.exec(await world.readsMail(person.email, "Your code to confirm it's you")))[0];
  const before = await world.database.$count(evidence, eq(evidence.userId, person.id));
  const proof = { token, factor: "email-code", answer: { code } };
  const requests = Array.from({ length: 50 }, () =>
    caller.call("beginEdit", { customerId: cast.acme.id }, { proof }),
  );
  const statuses = race.statusesOf(await sendTogether(url, requests));
  expect(statuses).toMatchObject({ done: 1 });
  expect(race.refused(statuses, "step-up-required", "proof-rejected", "session-renewed")).toBe(49);
  expect(await world.database.$count(evidence, eq(evidence.userId, person.id))).toBe(before + 1);
});

test("the code of a trial shows once that it came, of fifty that come together", async () => {
  const { world, url } = arena.app;
  const person = await world.person({ name: "Ada Trial", role: "administrator", teamId: null, app: true });
  const caller = await Caller.signsIn(world, url, person);
  const answer = { code: await world.code(must(person.seed)) };
  const input = { factor: "email-code", number: null };
  const sent = await send(url, await race.proved(caller, "sendTrial", input, "totp", answer));
  expect(race.resultOf(sent).status).toBe("done");
  caller.keeps(sent);
  const mail = await world.readsMail(person.email, "A test: does mail from Keyturn arrive?");
  const code = must(/\d{6}/.exec(mail))[0];
  const requests = Array.from({ length: 50 }, () =>
    caller.call("confirmTrial", { factor: "email-code", code }),
  );
  const came = (await sendTogether(url, requests)).map((one) => JSON.stringify(race.resultOf(one).data));
  expect(came.filter((one) => one?.includes('"came":true'))).toHaveLength(1);
});
