import { makeAdministrator } from "@/lib/people/make-administrator";
import { resetFactors } from "@/lib/people/reset-factors";
import { loosenPolicy } from "@/lib/policy/loosen-policy";
import { type ApprovalKindName, type StoredKind, storedKind } from "./approval-kind";

/** Every change that takes a second administrator. */
const approvalKinds: Record<ApprovalKindName, StoredKind> = {
  "reset-factors": storedKind(resetFactors),
  "make-administrator": storedKind(makeAdministrator),
  "loosen-policy": storedKind(loosenPolicy),
};

/** The kind that a row names; null: there is none of this name any more. */
export function kindOf(name: string): StoredKind | null {
  return Object.hasOwn(approvalKinds, name) ? approvalKinds[name as ApprovalKindName] : null;
}
