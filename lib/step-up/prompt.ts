/** One changed field, old → new, as the person reads it. Guarded values are masked until proved. */
export type PromptChange = {
  label: string;
  /** null where there was nothing before: what is confirmed makes something new. */
  from: string | null;
  to: string;
};

/** What is being confirmed, in words built by the server and part of the digest. */
export type Prompt = {
  /** Completes "Confirm it's you …": "to edit Acme GmbH". */
  purpose: string;
  /** The verb that the primary button repeats: "Edit", "View contract". */
  verb: string;
  changes: PromptChange[];
};
