import type { z } from "zod";
import type { Tx } from "@/db/client";
import type { PublicActionName } from "./public-actions";
import type { PresentedCookie } from "./session/read-session";

/** Who calls: a browser, of which no more is known. */
export type Visitor = { deviceHash: string; userAgent: string; address: string };

/** What the browser gets back: data, never an exception. */
export type PublicResult<Data> =
  | { status: "done"; data: Data }
  | { status: "invalid"; fields: Record<string, string>; message: string }
  | { status: "forbidden"; message: string }
  | { status: "failed"; reference: string };

export type PublicAction<Data> = (input: unknown) => Promise<PublicResult<Data>>;

/**
 * All there is to one act of somebody who isn't signed in. `run` spends the link that allows it, checks everything
 * itself, writes its own audit row, and refuses by throwing Invalid or Forbidden: then nothing is changed.
 */
export type PublicCommand<Input, Data> = {
  name: PublicActionName;
  input: z.ZodType<Input>;
  /** `session`: a session that was made here; its cookie is set once this is committed. */
  run(tx: Tx, input: Input, visitor: Visitor): Promise<{ data: Data; session?: PresentedCookie }>;
};

/** Says all there is to one such act; app/actions/ hands it to the pipeline. */
export function definePublicCommand<Input, Data>(
  command: PublicCommand<Input, Data>,
): PublicCommand<Input, Data> {
  return command;
}
