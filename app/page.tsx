import { redirect } from "next/navigation";
import { destinations } from "@/lib/access/destinations";
import { currentSession } from "@/lib/session/current-session";

/** To where each role's work is. */
export default async function Home() {
  const session = await currentSession();
  redirect(destinations[session?.person.role ?? "employee"][0]?.href ?? "/customers");
}
