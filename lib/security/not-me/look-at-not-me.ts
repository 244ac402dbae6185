import { z } from "zod";
import { linkIsOver, readLink } from "@/lib/links/links";
import { definePublicCommand } from "@/lib/public-command";
import { reportedBy, reportedWords } from "./reported";

/** What a "This wasn't me" link is about, in words. Looking changes nothing: scanners of mail look, too. */
export const lookAtNotMe = definePublicCommand({
  name: "link.look-at-not-me",
  input: z.strictObject({ token: z.string().max(128) }),
  async run(tx, { token }) {
    const link = await readLink(tx, ["not-me"], token);
    if (!link) throw linkIsOver();
    const what = await reportedWords(tx, reportedBy(link), "your");
    return { data: { what, at: link.createdAt.toISOString() } };
  },
});
