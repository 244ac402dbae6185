/**
 * What can be done without being signed in. Apart from asking for a reset, each needs the token of a link that was
 * mailed or printed. The list is all there is: definePublicCommand takes no other name.
 */
export const publicActions = [
  "reset.request",
  "reset.complete",
  "link.not-me",
  "link.look-at-not-me",
  "link.confirm-email",
  "link.look-at-invitation",
  "link.accept-invitation",
  "link.look-at-set-up",
] as const;

export type PublicActionName = (typeof publicActions)[number];
