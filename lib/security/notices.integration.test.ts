import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabases } from "@/db/testing";
import type { ActionName } from "@/lib/protected-actions";
import { enrolsAPasskey } from "@/lib/testing/passkey";
import { type Browser, dataOf, password, World } from "@/lib/testing/pipeline";
import { changePassword } from "./change-password";
import { changeEmail } from "./email/change-email";
import { endSessions } from "./end-sessions";
import { generateRecoveryCodes } from "./generate-recovery-codes";
import { removeFactor } from "./remove-factor";

type SecurityAction = Extract<ActionName, `security.${string}`>;

/** What is mailed to its owner, by kind; the act itself, for somebody with an authenticator app in a new session. */
type Told = { kinds: string[]; does(browser: Browser): Promise<unknown> };

const done = async (result: Promise<Parameters<typeof dataOf>[0]>) => void dataOf(await result);

/**
 * Each act on one's own account: what tells its owner (threats.md 21), or why nothing has to. Exhaustive: a new one
 * does not compile before somebody has said which.
 */
const acts: Record<SecurityAction, Told | string> = {
  "security.enrol-first-factor": "opens a ticket, and binds nothing",
  "security.enrol-factor": "opens a ticket, and binds nothing",
  "security.enrol-after-reset": "opens a ticket, and binds nothing",
  "security.confirm-mailed-code": "lets a ticket be used, and binds nothing",
  "security.send-enrolment-code": "is itself a message to the new address or number",
  "security.activate-factor": { kinds: ["factor-added"], does: enrolsAPasskey },
  "security.rename-factor": "changes a name, and nothing that signs in",
  "security.remove-factor": {
    kinds: ["factor-removed"],
    does: async (browser) => {
      const { person } = browser;
      const authenticatorId = person.authenticatorId;
      await person.hasAnAuthenticatorApp();
      await done(browser.stepsUp(removeFactor, { authenticatorId }));
    },
  },
  "security.generate-recovery-codes": {
    kinds: ["recovery-codes"],
    does: (browser) => done(browser.stepsUp(generateRecoveryCodes, {})),
  },
  "security.change-password": {
    kinds: ["password-changed"],
    does: (browser) =>
      done(browser.stepsUp(changePassword, { current: password, next: "seven quiet herons at dawn" })),
  },
  "security.change-email": {
    kinds: ["email-change-old"],
    does: (browser) =>
      done(browser.stepsUp(changeEmail, { email: `${crypto.randomUUID()}@keyturn.example` })),
  },
  "security.cancel-email-change": "leaves the address as it is",
  "security.end-sessions": {
    kinds: ["sessions-ended"],
    does: async (browser) => {
      await browser.person.signsIn();
      await done(browser.stepsUp(endSessions, { which: "others" }));
    },
  },
  "security.remove-trusted-devices": "takes trust away, and opens nothing",
  "security.ask-for-help": "tells the administrators, and changes nothing",
};

const told = Object.entries(acts).flatMap(([name, act]) =>
  typeof act === "string" ? [] : [[name, act] as const],
);

describe.each(testDatabases.map(({ name }) => name))(
  "what changes an account is told to its owner on %s",
  (kind) => {
    let world: World;
    beforeAll(async () => {
      world = await World.open(kind, { mail: true });
    });
    afterAll(() => world.close());

    it.each(told)("%s, once, with the link that takes it back", async (_name, { kinds, does }) => {
      const browser = await (await world.employee({ totp: true })).signsIn();
      await does(browser);
      const mails = await world.mailsTo(browser.person.email);
      expect(mails.map((mail) => mail.kind)).toEqual(kinds);
      for (const { body } of mails) expect(body).toContain("This wasn't me: http");
    });
  },
);
