import type { ConfirmTime, DaySeries, Decisions } from "@/lib/oversight/overview/read-decisions";
import type { Deadlines, RoleStrengths, Strength } from "@/lib/oversight/overview/read-enrolment";
import { wordsOfFactor } from "@/lib/step-up/factor-words";

/*
 * What each chart of the overview says, in a sentence: for whoever reads quickly, and for whoever sees no chart.
 */

const seconds = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const number = (value: number) => value.toLocaleString("en-GB");

const some = (value: number) => (value === 0 ? "none" : number(value));

export function inSeconds(ms: number): string {
  return `${seconds.format(ms / 1000)} s`;
}

export function strengthsAnswer(roles: RoleStrengths[]): string {
  const of = (strength: Strength) => roles.reduce((sum, { people }) => sum + people[strength], 0);
  const without = of("none");
  const all = of("passkey") + of("totp") + of("code") + without;
  if (all === 0) return "Nobody has an account yet.";
  if (without === 0)
    return `All ${number(all)} people have a second factor; ${some(of("passkey"))} of them a passkey.`;
  return `${number(all - without)} of ${number(all)} people have a second factor, ${some(of("passkey"))} of them a passkey; ${number(without)} ${without === 1 ? "has" : "have"} none yet.`;
}

export function stepUpsAnswer({ days, stepUps, signIns }: Decisions): string {
  const total = totalOf(stepUps);
  const [most] = stepUps;
  const beside =
    signIns === 0
      ? ""
      : ` ${number(signIns)} ${signIns === 1 ? "sign-in was" : "sign-ins were"} confirmed besides.`;
  if (total === 0 || !most) return `Nobody confirmed anything in the last ${days.length} days.${beside}`;
  const share = Math.round((totalOf([most]) / total) * 100);
  return `${number(total)} ${total === 1 ? "confirmation" : "confirmations"} in ${days.length} days${perDay(total, days.length)}; ${share}% with ${wordsOfFactor(most.name).one}.${beside}`;
}

/** Left out where it would round to nothing. */
function perDay(total: number, days: number): string {
  const average = Math.round(total / days);
  return average === 0 ? "" : `, ${number(average)} a day`;
}

export function endingsAnswer({ days, endings, stepUps }: Decisions): string {
  const [refused, cancelled, failed] = ["refused", "cancelled", "failed"].map((name) =>
    totalOf(endings.filter((series) => series.name === name)),
  ) as [number, number, number];
  if (refused + cancelled + failed === 0)
    return `In ${days.length} days nothing was refused, cancelled or failed.`;
  const beside = totalOf(stepUps);
  return `In ${days.length} days ${number(refused)} refused, ${number(cancelled)} cancelled and ${number(failed)} failed, beside ${number(beside)} that were confirmed.`;
}

export function confirmTimesAnswer(times: ConfirmTime[]): string {
  const [quickest, ...rest] = times;
  if (!quickest) return "Nobody confirmed anything lately.";
  const told = (time: ConfirmTime) => `${inSeconds(time.median)} with ${wordsOfFactor(time.factor).one}`;
  return `Half of all confirmations took less than ${[quickest, ...rest].map(told).join("; less than ")}.`;
}

export function deadlinesAnswer({ counts, upcoming }: Deadlines): string {
  const { overdue, week, month, later } = counts;
  const [first] = upcoming;
  if (overdue + week + month + later === 0) return "Nobody: whoever has to have a second factor has one.";
  const late = overdue === 0 ? "Nobody is overdue" : `${people(overdue)} overdue`;
  if (!first) return `${late}, and nobody else has a deadline.`;
  const soon = week === 0 ? "nobody is due" : `${people(week)} due`;
  return `${late}; ${soon} within 7 days. The next deadline is on ${day.format(first.by)}.`;
}

function people(value: number): string {
  return `${number(value)} ${value === 1 ? "person is" : "people are"}`;
}

function totalOf(series: DaySeries[]): number {
  return series.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0);
}
