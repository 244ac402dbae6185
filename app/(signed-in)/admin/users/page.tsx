import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { inviteColleague, resendInvitation, revokeInvitation } from "@/app/actions/people";
import { NoWitness } from "@/components/admin/no-witness";
import { PeopleView } from "@/components/admin/people-view";
import { mayAdminister } from "@/lib/access/access";
import { hasRoomForAdministrator } from "@/lib/people/administrators";
import { readOpenHelpRequests, readOpenLinks, readPeople } from "@/lib/people/read-people";
import { readTeams } from "@/lib/people/teams";
import { environment } from "@/lib/platform/env";
import { runningReader } from "@/lib/platform/running-database";
import { requireSession } from "@/lib/session/require-session";

export async function generateMetadata(): Promise<Metadata> {
  const { person } = await requireSession();
  return { title: mayAdminister(person) ? "People" : "Not found" };
}

export default async function PeoplePage() {
  const { person } = await requireSession();
  if (!mayAdminister(person)) notFound();
  const read = await runningReader();
  const [people, links, requests, teams, administratorAllowed] = await Promise.all([
    readPeople(read, person),
    readOpenLinks(read, person),
    readOpenHelpRequests(read, person),
    readTeams(read),
    hasRoomForAdministrator(read),
  ]);
  return (
    <div className="flex flex-col gap-5">
      <PeopleView
        people={people}
        links={links}
        requests={requests}
        teams={teams.map(({ name }) => name)}
        administratorAllowed={administratorAllowed}
        mailConfigured={environment().smtpUrl !== undefined}
        actions={{ invite: inviteColleague, resend: resendInvitation, revoke: revokeInvitation }}
      />
      {environment().auditWitness ? null : <NoWitness />}
    </div>
  );
}
