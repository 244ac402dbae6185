import { LinkButton } from "./ui/button";
import { Notice } from "./ui/notice";
import { When } from "./ui/when";

/** Until a second factor that the person's role needs is set up: by when, and where. */
export function DeadlineBanner({ by }: { by: Date }) {
  return (
    <Notice
      tone="warn"
      className="mb-5"
      action={
        <LinkButton href="/settings/security" size="small" prefetch={false}>
          Set up now
        </LinkButton>
      }
    >
      Your role needs a second factor by <When at={by} />. From then on nothing else opens until it is set up.
    </Notice>
  );
}
