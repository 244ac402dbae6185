import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { approve, decline, withdraw } from "@/app/actions/approvals";
import {
  answerHelp,
  askToReset,
  changeRole,
  disableUser,
  enableUser,
  endSessionsOf,
} from "@/app/actions/people";
import { PersonView } from "@/components/admin/person-view";
import { readWaysToAsk } from "@/lib/approvals/approvers";
import { readOpenApprovals } from "@/lib/approvals/read";
import { hasRoomForAdministrator } from "@/lib/people/administrators";
import { readPerson } from "@/lib/people/read-person";
import { readTeams } from "@/lib/people/teams";
import { runningReader } from "@/lib/platform/running-database";
import { requireSession } from "@/lib/session/require-session";

type Props = { params: Promise<{ personId: string }> };

const load = cache(async (personId: string) => {
  const { person } = await requireSession();
  return { person, shown: await readPerson(await runningReader(), person, personId) };
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { shown } = await load((await params).personId);
  return { title: shown?.name ?? "Not found" };
}

export default async function PersonPage({ params }: Props) {
  const { person, shown } = await load((await params).personId);
  if (!shown) notFound();
  const read = await runningReader();
  const [approvals, teams, alone, ways] = await Promise.all([
    readOpenApprovals(read, person, { target: shown.id }),
    readTeams(read),
    hasRoomForAdministrator(read),
    readWaysToAsk(read, { askedBy: person.id, target: shown.id }),
  ]);
  return (
    <PersonView
      person={shown}
      own={shown.id === person.id}
      approvals={approvals}
      teams={teams.map(({ name }) => name)}
      alone={alone}
      ways={ways}
      actions={{
        askToReset,
        changeRole,
        disable: disableUser,
        enable: enableUser,
        endSessions: endSessionsOf,
        answerHelp,
        approve,
        decline,
        withdraw,
      }}
    />
  );
}
