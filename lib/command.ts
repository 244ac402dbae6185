import type { Person } from "@/lib/people/person";
import type { ActionName } from "@/lib/protected-actions";
import type { Command } from "@/lib/step-up/command";

/** Says all there is to one act of this app; app/actions/ hands it to the pipeline. */
export function defineCommand<Name extends ActionName, Input, Subject, Data>(
  command: Command<Name, Input, Subject, Data, Person>,
): Command<Name, Input, Subject, Data, Person> {
  return command;
}
