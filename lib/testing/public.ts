import type { PublicCommand, PublicResult } from "@/lib/public-command";
import type { PresentedCookie } from "@/lib/session/read-session";
import { Browser, Someone, type World } from "./pipeline";

export type PublicAnswer<Data> = PublicResult<Data> & { session?: PresentedCookie | undefined };

/** What is posted to an act without a session, malformed things too: fields as lib/define-public-action.ts tells them. */
export async function posts<Input, Data>(
  world: World,
  command: PublicCommand<Input, Data>,
  raw: unknown,
): Promise<PublicAnswer<Data>> {
  const input = command.input.safeParse(raw);
  if (input.success) return world.visits(command, input.data);
  const fields = input.error.issues.map(({ path, message }) => [path.join("."), message]);
  return { status: "invalid", fields: Object.fromEntries(fields), message: "Check the marked fields." };
}

/** The data and the signed-in browser of an answer that made a session; throws with the answer otherwise. */
export function signedIn<Data extends { person: { id: string; email: string } }>(
  world: World,
  answer: PublicAnswer<Data>,
): { data: Data; browser: Browser } {
  if (answer.status !== "done" || !answer.session)
    throw new Error(`Expected a session, got ${JSON.stringify(answer)}`);
  const { id, email } = answer.data.person;
  return { data: answer.data, browser: new Browser(world, new Someone(world, id, email), answer.session) };
}

/** The token of the invitation's link in a text. */
export function tokenIn(text: string): string {
  const [, token] = /\/invitation#([\w-]{43})\b/.exec(text) ?? [];
  if (!token) throw new Error(`There is no invitation's link in: ${text}`);
  return token;
}
