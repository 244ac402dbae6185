// @ts-check

/**
 * Runs in the receipt's page: what each check and the whole of them say. Every sentence can stand alone, since it is
 * read out of its list, too.
 *
 * @typedef {import("./receipt-data").Check} Check
 * @typedef {import("./receipt-data").CheckName} CheckName
 * @typedef {import("./receipt-data").Findings} Findings
 */

/** @typedef {{ rpId?: string, origin?: string, size?: number }} Named what sentences name */

/** @type {Record<CheckName, (named: Named) => { passed: string, failed: string }>} */
const checkWords = {
  readable: () => ({
    passed: "The receipt can be read, and in one way only.",
    failed: "The receipt, or a row in it, can't be read, or could be read in two ways.",
  }),
  "checkpoint-signature": ({ size }) => ({
    passed: `The log's key signed the checkpoint: a log of ${size} ${size === 1 ? "row" : "rows"}, fixed by one hash.`,
    failed: "The log's key did not sign this checkpoint, or the log is another installation's.",
  }),
  "row-in-log": () => ({
    passed: "This row is in the log that the checkpoint fixes, unchanged.",
    failed: "This row is not in the log that the checkpoint fixes: it was changed, or comes from elsewhere.",
  }),
  allowed: () => ({
    passed: "The row says that this was allowed and done.",
    failed: "The row says that this was not allowed, or not done.",
  }),
  "opening-matches": () => ({
    passed: "The name, the email address and the words are the ones that the row was made over.",
    failed: "The name, the email address or the words are not the ones that the row was made over.",
  }),
  "words-match": () => ({
    passed: "The words are exactly what was confirmed, for this action, person, session and record.",
    failed: "The words are not what was confirmed, or belong to another action, person, session or record.",
  }),
  "passkey-signature": () => ({
    passed: "The passkey's signature fits its answer.",
    failed: "The signature is not the one of this passkey over this answer.",
  }),
  challenge: () => ({
    passed: "What the passkey signed is the challenge made from exactly these words, for this one prompt.",
    failed: "What the passkey signed is not the challenge made from these words.",
  }),
  "client-data": ({ origin }) => ({
    passed: `The passkey was asked in a page of ${origin}, in no other site's frame.`,
    failed: `The passkey was not asked in a page of ${origin}, or in another site's frame.`,
  }),
  "rp-id": ({ rpId }) => ({
    passed: `The passkey is one for ${rpId}.`,
    failed: `The passkey is not one for ${rpId}.`,
  }),
  "user-verified": () => ({
    passed: "The device checked who was there, by fingerprint, face or PIN, before it signed.",
    failed: "The device did not check who was there before it signed.",
  }),
  "enrolment-in-log": () => ({
    passed: "The enrolment of a passkey is in the same log, unchanged.",
    failed: "No enrolment of a passkey is in the log that the checkpoint fixes.",
  }),
  "same-passkey": () => ({
    passed: "The passkey that signed is the enrolled one: same key, same person, enrolled before.",
    failed: "The passkey that signed is not one that this person had enrolled before.",
  }),
};

/** @param {CheckName} name @param {"passed" | "failed"} result @param {Named} named @returns {Check} */
export function answerOf(name, result, named) {
  return { name, result, sentence: checkWords[name](named)[result] };
}

/** @type {Record<"erased" | "not-kept" | "not-supported", string>} */
const undoneWords = {
  erased: "The personal values were erased on request, so there is nothing left to compare.",
  "not-kept": "The words were not kept with this row, so there is nothing to compare.",
  "not-supported": "This browser lacks what the check needs. Open the file in a newer one.",
};

const subjectWords = {
  "checkpoint-signature": "The log's signature on the checkpoint was not checked.",
  "row-in-log": "Whether the row is in the log was not checked.",
  "opening-matches": "Name and words were not checked against the row.",
  "words-match": "The words were not checked against what was confirmed.",
  "passkey-signature": "The passkey's signature was not checked.",
  challenge: "The words were not checked against what the passkey signed.",
  "rp-id": "The passkey's site was not checked.",
  "enrolment-in-log": "Whether the enrolment is in the log was not checked.",
};

/** @param {CheckName} name @param {"erased" | "not-kept" | "not-supported"} why @returns {Check} */
export function undone(name, why) {
  const subject = Object.entries(subjectWords).find(([one]) => one === name)?.[1] ?? "This was not checked.";
  return { name, result: "not-done", sentence: `${subject} ${undoneWords[why]}` };
}

/** @type {Record<string, string>} */
const factorWords = {
  totp: "A code from an authenticator app",
  "recovery-code": "A recovery code",
  password: "The password",
  // A proof for the session's work, not for this input: its signature says nothing about these words.
  passkey: "A passkey, for the session's work and not for exactly this",
};

/** What a row without a signature was confirmed with. @param {string | null} factor */
export function methodOf(factor) {
  return factor === null ? "Nothing" : (factorWords[factor] ?? "A code");
}

/** @param {string | null} factor */
function confirmedWith(factor) {
  const method = methodOf(factor);
  return `Confirmed with ${method.charAt(0).toLowerCase()}${method.slice(1)}`;
}

/** @param {string | null} factor @returns {Check} */
export function unsignedAnswer(factor) {
  return {
    name: "passkey-signature",
    result: "not-done",
    sentence: `${confirmedWith(factor)}: there is no device's signature to check.`,
  };
}

/**
 * @param {readonly Check[]} checks
 * @param {{ isSigned: boolean, isErased: boolean, isSupported: boolean, factor: string | null }} of
 * @returns {Findings["verdict"]}
 */
export function verdictOf(checks, { isSigned, isErased, isSupported, factor }) {
  const [first, ...more] = checks.filter(({ result }) => result === "failed");
  if (first) return { kind: "broken", sentence: brokenWords(first.sentence, more.length) };
  if (!isSupported) {
    const rest = "Open the file in a newer one before you rely on it.";
    return {
      kind: "incomplete",
      sentence: `This browser can't do every check. What it could check fits. ${rest}`,
    };
  }
  if (isErased) {
    const rest = isSigned
      ? "the row is in the log, and a passkey signed."
      : "the row is in the log; nothing was signed by a device.";
    return {
      kind: "erased",
      sentence: `The personal values were erased on request. What remains fits: ${rest}`,
    };
  }
  if (!isSigned) {
    const rest = "nothing was signed by a device; the log vouches for it, and all it says fits.";
    return { kind: "unsigned", sentence: `${confirmedWith(factor)}: ${rest}` };
  }
  if (checks.some(({ result }) => result !== "passed")) {
    const sentence = "A passkey signed, and the log holds it, but the words it was about were not kept.";
    return { kind: "incomplete", sentence };
  }
  const sentence = "Everything fits: a passkey signed exactly these words, and the log holds them.";
  return { kind: "fits", sentence };
}

/** @param {string} why @param {number} more */
function brokenWords(why, more) {
  const rest = more > 0 ? ` ${more} more ${more === 1 ? "check" : "checks"} failed.` : "";
  return `Do not trust this receipt: ${why.charAt(0).toLowerCase()}${why.slice(1)}${rest}`;
}
