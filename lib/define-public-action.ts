import { randomBytes } from "node:crypto";
import { logFailure } from "@/lib/platform/log";
import { runningDatabase } from "@/lib/platform/running-database";
import {
  deliverNewCookie,
  originAllowed,
  presentedCookie,
  presentedDevice,
  visitor,
} from "@/lib/session/current-session";
import { endPresented } from "@/lib/session/sign-in";
import { assertStrictSchema } from "@/lib/step-up/digest";
import { fieldErrors } from "@/lib/step-up/field-errors";
import { Forbidden, Invalid, Refusal } from "@/lib/step-up/refusal";
import type { PublicAction, PublicCommand, PublicResult } from "./public-command";

/** The pipeline of what needs no session: origin · parse · one transaction. Every refusal is data. */
export function definePublicAction<Input, Data>(command: PublicCommand<Input, Data>): PublicAction<Data> {
  assertStrictSchema(command.name, command.input);
  return async (raw) => {
    try {
      return await answer(command, raw);
    } catch (error) {
      if (error instanceof Refusal) return resultOf(error);
      const reference = randomBytes(5).toString("hex");
      logFailure(reference, command.name, error);
      return { status: "failed", reference };
    }
  };
}

async function answer<Input, Data>(
  command: PublicCommand<Input, Data>,
  raw: unknown,
): Promise<PublicResult<Data>> {
  if (!(await originAllowed()))
    return { status: "forbidden", message: "This request came from another site." };
  const input = command.input.safeParse(raw);
  if (!input.success)
    return { status: "invalid", fields: fieldErrors(input.error), message: "Check the marked fields." };
  const device = await presentedDevice();
  const who = await visitor(device);
  const presented = await presentedCookie();
  const { database } = await runningDatabase();
  const { data, session } = await database.transaction(async (tx) => {
    const ran = await command.run(tx, input.data, who);
    // Somebody else may be signed in here: two sessions never live behind one cookie.
    if (ran.session && presented) await endPresented(tx, presented);
    return ran;
  });
  if (session) await deliverNewCookie(session, device);
  return { status: "done", data };
}

function resultOf(refusal: Refusal): PublicResult<never> {
  if (refusal instanceof Invalid)
    return { status: "invalid", fields: refusal.fields, message: refusal.message };
  const message = refusal instanceof Forbidden ? refusal.message : "You can't do this.";
  return { status: "forbidden", message };
}
