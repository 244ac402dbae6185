/** A message as it lies in the outbox. `recipient`: an address, or a number in E.164. */
export type Letter = {
  id: string;
  recipient: string;
  subject: string;
  body: string;
  createdAt: Date;
  /** Until it is worth nothing; null where it keeps its worth. */
  secondsLeft: number | null;
};

/**
 * A message did not get out. `permanent`: this recipient or text is refused, and asking again changes nothing.
 * `perhapsSent`: whether it got out is not known. The words are ours, with codes: no text of a server's, which could
 * repeat anything.
 */
export class Undelivered extends Error {
  override name = "Undelivered";
  constructor(
    message: string,
    readonly permanent: boolean,
    readonly perhapsSent = false,
  ) {
    super(message);
  }
}

export type Courier = {
  /** Returns the id under which the gateway tells of the delivery later, where it does. Throws Undelivered. */
  deliver(letter: Letter): Promise<string | null>;
  /** What became of a message that was handed over. Throws Undelivered. */
  ask?(gatewayId: string): Promise<"on-its-way" | "delivered" | "failed">;
  close(): void;
};
