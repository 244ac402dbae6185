import { z } from "zod";
import { defineCommand } from "@/lib/command";
import { consumeGrant } from "@/lib/step-up/grant";
import { markOpened } from "@/lib/step-up/page-gate";
import { readContractHead } from "./read";

/** Opens a contract's details: the answer carries none of them, the page reads them behind its own gate. */
export const viewContract = defineCommand({
  name: "contract.view",
  input: z.strictObject({ customerId: z.uuid(), contractId: z.uuid() }),
  subject: (read, person, { customerId, contractId }) =>
    readContractHead(read, person, customerId, contractId),
  names: ({ contractId }) => ({ type: "contract", id: contractId }),
  record: (contract) => ({ type: "contract", id: contract.id, version: null }),
  prompt: (contract) => ({
    purpose: `to view ${contract.title} of ${contract.customerName}`,
    verb: "View contract",
    changes: [],
  }),
  async run(tx, grant, { contractId }, { facts, evidenceId }) {
    await consumeGrant(tx, grant, "contract.view", contractId);
    await markOpened(tx, {
      sessionId: facts.sessionId,
      action: "contract.view",
      recordId: contractId,
      evidenceId,
    });
    return { data: null, detail: { by: "button" } };
  },
});
