import { type ReactNode, useEffect, useState } from "react";
import { LinkButton } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { PublicAction } from "@/lib/public-command";
import { useLinkToken } from "./use-link-token";
import { usePublicAct } from "./use-public-act";

type Props<Shown> = {
  /** Spends nothing: it tells what the link leads to. */
  look: PublicAction<Shown>;
  children(shown: Shown, token: string): ReactNode;
};

/** What a mailed link leads to; where it leads nowhere (any more), that is said. */
export function LookedUpLink<Shown>({ look, children }: Props<Shown>) {
  const token = useLinkToken();
  const [shown, setShown] = useState<Shown | null>(null);
  const { act, message } = usePublicAct(look);

  useEffect(() => {
    if (!token) return;
    let current = true;
    setShown(null);
    void act({ token }).then((result) => {
      if (current && result?.status === "done") setShown(result.data);
    });
    return () => {
      current = false;
    };
  }, [act, token]);

  if (token === undefined) return null;
  if (token === null)
    return <NoLink>Open this page with the link that you were sent, as it stands there.</NoLink>;
  if (message) return <NoLink danger>{message}</NoLink>;
  if (!shown) return <p role="status">Looking at your link …</p>;
  return children(shown, token);
}

function NoLink({ danger = false, children }: { danger?: boolean; children: string }) {
  return (
    <>
      <Notice tone={danger ? "danger" : "info"}>{children}</Notice>
      <LinkButton href="/sign-in" prefetch={false}>
        Go to the sign-in
      </LinkButton>
    </>
  );
}
