import { createHash, randomUUID } from "node:crypto";
import type { SignInRisk } from "@/db/schema/sessions";
import { cookieNames, writeSessionCookie } from "@/lib/session/session-cookie";
import { createSession } from "@/lib/session/sign-in";
import { type MadePerson, required, type World } from "../fixtures/world";
import { builtActions } from "./build-output";
import type { Answer, Sent } from "./wire";

const names = cookieNames({ secure: false });

/** Somebody with a session, without a browser: a Cookie header, and the calls that carry it. */
export class Caller {
  private constructor(
    readonly origin: string,
    readonly person: MadePerson,
    readonly sessionId: string,
    public cookie: string,
  ) {}

  /** A new session of a person, as a sign-in makes it; `awaits`: what about it asks for a second factor. */
  static async signsIn(
    world: World,
    origin: string,
    person: MadePerson,
    awaits: SignInRisk[] | null = null,
  ): Promise<Caller> {
    const device = randomUUID();
    const made = await world.database.transaction((tx) =>
      createSession(
        tx,
        person.id,
        {
          deviceHash: createHash("sha256").update(device).digest("hex"),
          userAgent: "Attacks",
          address: "192.0.2.7",
        },
        awaits,
      ),
    );
    const value = await writeSessionCookie(made, required("NEXTAUTH_SECRET"));
    return new Caller(origin, person, made.sessionId, `${names.session}=${value}; ${names.device}=${device}`);
  }

  /** A call of an action as the browser sends it. */
  call(action: string, input: unknown, more: { callId?: string; proof?: unknown } = {}): Sent {
    const { callId = randomUUID(), proof } = more;
    const envelope = { input, callId, person: this.person.id, ...(proof ? { proof } : {}) };
    return actionRequest(this.origin, action, JSON.stringify([envelope]), this.cookie);
  }

  /** Takes over the cookie that an answer sets, as a browser does. */
  keeps(answer: Answer): void {
    const value = new RegExp(`set-cookie: ${names.session}=([^;]+)`, "i").exec(answer.head)?.[1];
    if (value) this.cookie = this.cookie.replace(/=[^;]+/, `=${value}`);
  }
}

/** A POST of an action's body, whatever it holds. */
export function actionRequest(origin: string, action: string, body: string | Buffer, cookie?: string): Sent {
  const head = [
    `Next-Action: ${idOf(action)}`,
    "Content-Type: text/plain;charset=UTF-8",
    "Accept: text/x-component",
    `Origin: ${origin}`,
  ];
  return { method: "POST", path: "/sign-in", head: cookie ? [...head, `Cookie: ${cookie}`] : head, body };
}

/** The id of an action by its exported name. Throws when the build has none of that name. */
export function idOf(name: string): string {
  const found = builtActions().find((one) => one.name === name);
  if (!found) throw new Error(`The build has no action ${name}`);
  return found.id;
}
