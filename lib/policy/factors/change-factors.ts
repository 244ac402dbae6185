import { z } from "zod";
import { mayAdminister } from "@/lib/access/access";
import { reason } from "@/lib/approvals/ask";
import { defineCommand } from "@/lib/command";
import { factorWords } from "@/lib/step-up/factor-words";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { whyNot } from "../administrable";
import { differences } from "../compare";
import { isFactorOn, switchableFactors } from "../document";
import { putInForce, takePolicyTurn } from "../put-in-force";
import { leftBehind, readAlike } from "../reach";
import { requireApprover } from "../require-approver";
import { readPolicy } from "../versions";
import { counted } from "../words";
import { withSwitch } from "./read-factors";
import { requireTried } from "./trial";

/**
 * Switches one factor on or off. Off at once, naming how many people it leaves without a way; on after a second
 * administrator's approval, since every action that accepts it gets one more way (threats.md 20).
 */
export const changeFactors = defineCommand({
  name: "admin.change-factors",
  input: z.strictObject({
    factor: z.enum(switchableFactors),
    on: z.boolean(),
    basedOn: z.int32().min(0),
    reason,
  }),
  async subject(read, person, { factor, on }) {
    if (!mayAdminister(person)) return null;
    const current = await readPolicy(read);
    if (isFactorOn(current.document, factor) === on)
      throw new Invalid({}, `${factorWords[factor].label} is ${on ? "on" : "off"} already. Reload the page.`);
    const document = withSwitch(current.document, factor, on);
    const groups = await readAlike(read);
    const reason = whyNot(current.document, document, groups);
    if (reason) throw new Invalid({}, reason);
    await requireTried(read, current.document, document);
    await requireApprover(read, person, differences(current.document, document));
    const left = on ? [] : leftBehind(current.document, document, groups);
    return { current, document, left: left.reduce((sum, { people }) => sum + people, 0) };
  },
  record: ({ current }) => ({ type: "policy", id: "policy", version: current.version }),
  prompt: ({ left }, { factor, on, reason }) => ({
    purpose: `to switch ${on ? "on" : "off"}: ${factorWords[factor].label}`,
    verb: on ? "Switch on" : "Switch off",
    changes: [
      { label: factorWords[factor].label, from: on ? "off" : "on", to: on ? "on" : "off" },
      ...(left > 0
        ? [{ label: "Left without a way", from: null, to: counted(left, "person", "people") }]
        : []),
      { label: "Reason", from: null, to: reason },
    ],
  }),
  async run(tx, grant, { basedOn, reason }, { person, subject: { document } }) {
    await takePolicyTurn(tx, person, basedOn);
    await consumeGrant(tx, grant, "admin.change-factors", "policy");
    return putInForce(tx, person, { document, basedOn, reason });
  },
});
