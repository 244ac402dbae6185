/** A command refuses by throwing one of these: the transaction rolls back, and the grant ends with it. */
export abstract class Refusal extends Error {}

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
