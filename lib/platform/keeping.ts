type Transaction<Tx> = { transaction(work: (inner: Tx) => Promise<void>): Promise<void> };

/**
 * Does the work either way, and keeps what it wrote or nothing of it: so that an account that is not there costs the
 * same statements as one that is (threats.md 23).
 */
export async function keepingOnly<Tx>(
  wanted: boolean,
  tx: Transaction<Tx>,
  work: (inner: Tx) => Promise<void>,
): Promise<void> {
  try {
    await tx.transaction(async (inner) => {
      await work(inner);
      if (!wanted) throw new NothingToKeep();
    });
  } catch (error) {
    if (!(error instanceof NothingToKeep)) throw error;
  }
}

class NothingToKeep extends Error {}
