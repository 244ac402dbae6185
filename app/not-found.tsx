import { LinkButton } from "@/components/ui/button";
import { Logo } from "@/components/ui/logo";

/** Also what a record looks like that exists and isn't this person's: the words don't tell the two apart. */
export default function NotFound() {
  return (
    <main className="mx-auto flex max-w-md flex-col items-start gap-4 px-4 py-16 sm:py-28">
      <Logo />
      <h1 className="mt-4 font-semibold text-2xl">This page doesn't exist</h1>
      <p className="text-ink-soft">
        It may have been moved or removed, or it isn't yours to see. If somebody sent you the link, ask them
        to look whether your team has the record.
      </p>
      <LinkButton href="/" variant="primary">
        Go to your work
      </LinkButton>
    </main>
  );
}
