import { redirect } from "next/navigation";
import { mayInvite } from "@/lib/access/access";
import { currentSession } from "@/lib/session/current-session";

/** To where each role's work is. */
export default async function Home() {
  const session = await currentSession();
  redirect(session && mayInvite(session.person) ? "/admin/users" : "/customers");
}
