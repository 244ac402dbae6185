/** Absolute lifetime of a session (ASVS v5.0.0-7.3.2). */
export const absoluteSeconds = 12 * 60 * 60;
/** A session that nobody used for this long has ended (ASVS v5.0.0-7.3.1). */
export const idleSeconds = 30 * 60;
/** The last use is written at most this often, so that reading stays one query. */
export const touchSeconds = 60;
/** How long a predecessor's cookie lives once its successor has been presented. */
export const predecessorSeconds = 30;
