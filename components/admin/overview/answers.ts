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

export function stepUpsAnswer({ days, stepUps }: Decisions): string {
  const total = totalOf(stepUps);
  const [most] = stepUps;
  if (total === 0 || !most) return `Nobody confirmed anything in the last ${days.length} days.`;
  const share = Math.round((totalOf([most]) / total) * 100);
  return `${number(total)} ${total === 1 ? "confirmation" : "confirmations"} in ${days.length} days, ${number(Math.round(total / days.length))} a day; ${share} % with ${wordsOfFactor(most.name).one}.`;
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

export function deadlinesAnswer({ counts, next }: Deadlines): string {
  const { overdue, week, month, later } = counts;
  const [first] = next.filter(({ isOverdue }) => !isOverdue);
  if (overdue + week + month + later === 0) return "Nobody: whoever has to have a second factor has one.";
  const late = `${number(overdue)} ${overdue === 1 ? "person is" : "people are"} overdue`;
  if (!first) return `${late}, and nobody else has a deadline.`;
  return `${late}; ${number(week)} more within 7 days. The next deadline is on ${day.format(first.by)}.`;
}

function totalOf(series: DaySeries[]): number {
  return series.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0);
}
