/** A command refuses by throwing one of these: the transaction rolls back, and the grant ends with it. */
export abstract class Refusal extends Error {
  /** What the log calls it, where more is to be told than its kind. */
  readonly reason?: string | undefined;
}

/** Somebody else changed the record since: carries what it is now, for the conflict view. */
export class Conflict extends Refusal {
  constructor(readonly current: unknown) {
    super("The record was changed by somebody else");
  }
}

/** The input cannot be accepted: a sentence for each field. */
export class Invalid extends Refusal {
  constructor(
    readonly fields: Record<string, string>,
    override readonly message = "Check the marked fields.",
    override readonly reason?: string,
  ) {
    super(message);
  }
}

/** Not for this person, whatever they prove. */
export class Forbidden extends Refusal {
  constructor(override readonly message = "You can't do this.") {
    super(message);
  }
}
