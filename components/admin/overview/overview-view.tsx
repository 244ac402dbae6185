import { roleWords } from "@/components/role-words";
import { DayBars } from "@/components/ui/charts/day-bars";
import { Question } from "@/components/ui/charts/question";
import { RangeBars } from "@/components/ui/charts/range-bars";
import { type Bar, RankedBars } from "@/components/ui/charts/ranked-bars";
import { PageHeader } from "@/components/ui/page-header";
import type { ConfirmTime, DaySeries, Decisions } from "@/lib/oversight/overview/read-decisions";
import type { Deadlines, RoleStrengths, Strength } from "@/lib/oversight/overview/read-enrolment";
import { wordsOfFactor } from "@/lib/step-up/factor-words";
import { auditLink } from "../audit/audit-link";
import {
  confirmTimesAnswer,
  deadlinesAnswer,
  endingsAnswer,
  inSeconds,
  stepUpsAnswer,
  strengthsAnswer,
} from "./answers";
import { DeadlineList } from "./deadline-list";

type Props = {
  roles: RoleStrengths[];
  decisions: Decisions;
  times: ConfirmTime[];
  deadlines: Deadlines;
  /** Seeded history is counted. */
  demo: boolean;
  /** Whether the person's own page is open to who looks. */
  administers: boolean;
};

/** How the installation confirms: five questions, each with its answer, a chart and the numbers. */
export function OverviewView({ roles, decisions, times, deadlines, demo, administers }: Props) {
  return (
    <div className="flex flex-col gap-5">
      <PageHeader
        title="Security overview"
        meta={`The last ${decisions.days.length} days, in UTC${demo ? "; demo history is counted" : ""}`}
      />
      <div className="grid items-start gap-5 lg:grid-cols-2 [&>*]:min-w-0">
        <div className="flex flex-col gap-5">
          <Strengths roles={roles} />
          <ConfirmTimes times={times} />
        </div>
        <div className="flex flex-col gap-5">
          <DeadlinesChart deadlines={deadlines} administers={administers} />
          <Days
            question="How often do people confirm, and with what?"
            answer={stepUpsAnswer(decisions)}
            days={decisions.days}
            series={decisions.stepUps}
            filterBy={(factor) => ({ factor, outcome: "allowed" })}
          />
          <Days
            question="How often is something refused, cancelled or failed?"
            answer={endingsAnswer(decisions)}
            days={decisions.days}
            series={decisions.endings}
            filterBy={(outcome) => ({ outcome })}
          />
        </div>
      </div>
    </div>
  );
}

const strengthWords: Record<Strength, string> = {
  passkey: "Passkey",
  totp: "Authenticator app",
  code: "Email or SMS code",
  none: "None yet",
};

function Strengths({ roles }: Pick<Props, "roles">) {
  // What nobody has is left out, but for what is missing.
  const shown = (["passkey", "totp", "code", "none"] as const).filter(
    (strength) => strength !== "code" || roles.some(({ people }) => people.code > 0),
  );
  return (
    <Question
      question="Who can confirm, and with what?"
      answer={strengthsAnswer(roles)}
      table={{
        columns: ["Role", ...shown.map((strength) => strengthWords[strength])],
        rows: roles.map(({ role, people }) => [
          roleWords[role],
          ...shown.map((strength) => people[strength]),
        ]),
      }}
    >
      <RankedBars
        groups={roles.map(({ role, people }) => ({
          label: `${roleWords[role]}s, by their strongest factor`,
          bars: shown.map(
            (strength): Bar => ({
              label: strengthWords[strength],
              value: people[strength],
              missing: strength === "none",
            }),
          ),
        }))}
      />
    </Question>
  );
}

function DeadlinesChart({ deadlines, administers }: Pick<Props, "deadlines" | "administers">) {
  const { overdue, week, month, later } = deadlines.counts;
  const bars = [
    { label: "Overdue", value: overdue, missing: true },
    { label: "Within 7 days", value: week },
    { label: "Within 30 days", value: month },
    { label: "Later", value: later },
  ];
  return (
    <div className="flex flex-col gap-5">
      <Question
        question="Who is about to miss a deadline for a second factor?"
        answer={deadlinesAnswer(deadlines)}
        table={{ columns: ["Deadline", "People"], rows: bars.map(({ label, value }) => [label, value]) }}
      >
        <RankedBars groups={[{ label: "", bars }]} />
      </Question>
      <DeadlineList label="Overdue" people={deadlines.overdue} of={overdue} administers={administers} />
      <DeadlineList
        label="Deadlines to come"
        people={deadlines.upcoming}
        of={week + month + later}
        administers={administers}
      />
    </div>
  );
}

function ConfirmTimes({ times }: Pick<Props, "times">) {
  return (
    <Question
      question="How long does it take to confirm?"
      answer={confirmTimesAnswer(times)}
      table={{
        columns: ["Factor", "Confirmations", "Median", "95th percentile"],
        rows: times.map(({ factor, count, median, p95 }) => [
          wordsOfFactor(factor).label,
          count,
          inSeconds(median),
          inSeconds(p95),
        ]),
      }}
    >
      <RangeBars
        ranges={times.map(({ factor, median, p95 }) => ({
          label: wordsOfFactor(factor).label,
          middle: median,
          high: p95,
        }))}
        words={{ middle: "half within", high: "95 % within" }}
        format={inSeconds}
      />
    </Question>
  );
}

type DaysProps = {
  question: string;
  answer: string;
  days: string[];
  series: DaySeries[];
  /** What shows a series in the log. */
  filterBy(name: string): Record<string, string>;
};

function Days({ question, answer, days, series, filterBy }: DaysProps) {
  const nameOf = (name: string) => outcomeNames[name] ?? wordsOfFactor(name).label;
  const named = series.map(({ name, values }) => ({ label: nameOf(name), values }));
  const table = {
    columns: ["Day", ...named.map(({ label }) => label)],
    rows: days.map((day, index) => [day, ...named.map(({ values }) => values[index] ?? 0)]).toReversed(),
  };
  const links = series
    .filter(({ values }) => values.some(Boolean))
    .map(({ name }) => ({
      label: nameOf(name),
      href: auditLink({ ...filterBy(name), from: days[0] ?? "" }),
    }));
  return (
    <Question question={question} answer={answer} table={table} links={links}>
      <DayBars days={days} series={named} />
    </Question>
  );
}

const outcomeNames: Record<string, string> = { refused: "Refused", cancelled: "Cancelled", failed: "Failed" };
