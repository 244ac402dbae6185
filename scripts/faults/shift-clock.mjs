/*
 * Loaded before the app: its clock is wrong by KEYTURN_FAULTS_CLOCK_MS. Timers, and the machine's own clock, are not.
 */
const Real = Date;
const shift = Number(process.env.KEYTURN_FAULTS_CLOCK_MS ?? 0);

globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + shift);
    else super(...given);
  }

  static now() {
    return Real.now() + shift;
  }
};
