"use client";

import { useRouter } from "next/navigation";
import {
  createContext,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { SendCodeAnswer } from "@/lib/security/send-code";
import type { Action } from "@/lib/step-up/action-result";
import type { EnrolledFactor } from "@/lib/step-up/facts";
import { type Answer, Call, type Demand, type Outcome } from "./call";
import { EnrolmentDialog, fetchDialog, PromptDialog, SignInDialog } from "./dialogs-on-demand";
import type { EnrolmentActions } from "./enrolment-actions";
import { type SessionNews, useSessionNews } from "./use-session-news";

/** Whose page this is, and what the session may do now, as the server rendered it. */
export type SessionView = {
  person: { id: string; name: string; email: string };
  lockEpoch: number;
  /** Where a demo shows its accounts' current codes; null in a real installation. */
  codesAt: string | null;
  /** The server's clock when it rendered: deadlines are told in it. */
  serverNow: number;
  /** Until when daily work is unlocked; null: it isn't. */
  unlockedUntil: number | null;
  /** What the person could have lost: asked where a recovery code pays for a new one. */
  authenticators: { id: string; name: string }[];
  /** What the person may set up now: a kind that is switched off would lead nowhere. */
  settable: EnrolledFactor[];
};

export type SessionActions = {
  lockNow: Action<null>;
  signOut: Action<null>;
  cancelPrompt: Action<null>;
  sendCode: Action<SendCodeAnswer>;
  askForHelp: Action<null>;
  finishSignIn: Action<null>;
} & EnrolmentActions;

type StepUp = {
  session: SessionView;
  perform<Data>(action: Action<Data>, input: unknown): Promise<Outcome<Data>>;
  lock(): Promise<void>;
  signOut(): Promise<void>;
  /** Evidence of an older epoch is void: sensitive content of it must not show. */
  lockEpoch: number;
  /** False while React takes over the server's page: until then both must render the same. */
  hydrated: boolean;
  /** Nothing may show any more: somebody signed out. */
  gone: boolean;
  /** Milliseconds from here to a deadline in the server's clock. */
  msUntil(deadline: number): number;
};

const Context = createContext<StepUp | null>(null);

export function useStepUpContext(): StepUp {
  const context = useContext(Context);
  if (!context) throw new Error("StepUpProvider is missing above this component");
  return context;
}

/** A call that waits for the person. The first in the row has the dialog. */
type Waiting = {
  id: string;
  demand: Demand;
  /** Sends the call on; resolves when it is answered. */
  go(answer: Answer | null): Promise<void>;
  cancel(): void;
};

/**
 * Keeps refused calls waiting, asks the person once, and sends each call on with the same arguments. One dialog at a
 * time; what unlocks the session for the first also frees the session-bound ones behind it, and those of other tabs.
 */
export function StepUpProvider({
  session,
  actions,
  children,
}: {
  session: SessionView;
  actions: SessionActions;
  children: ReactNode;
}) {
  const router = useRouter();
  const [waiting, setWaiting] = useState<Waiting[]>([]);
  const waitingNow = useRef<Waiting[]>([]);
  const [localEpoch, setLocalEpoch] = useState(session.lockEpoch);
  const [gone, setGone] = useState(false);
  const [hydrated, setHydrated] = useState(false);
  useEffect(() => setHydrated(true), []);
  const lockEpoch = Math.max(localEpoch, session.lockEpoch);
  const skew = useMemo(() => session.serverNow - Date.now(), [session.serverNow]);

  const update = useCallback((change: (list: Waiting[]) => Waiting[]) => {
    waitingNow.current = change(waitingNow.current);
    setWaiting(waitingNow.current);
  }, []);

  const freeOthers = useCallback((except: string | null) => {
    for (const one of waitingNow.current) {
      if (one.id !== except && one.demand.kind === "prove" && one.demand.challenge.binding === "session")
        void one.go(null);
    }
  }, []);

  const hear = useCallback(
    (news: SessionNews) => {
      if (news.kind === "unlocked") {
        freeOthers(null);
        router.refresh();
      }
      // Hidden at once; asked for again when the server has locked, or it would still show.
      if (news.kind === "locking") setLocalEpoch((epoch) => Math.max(epoch, news.lockEpoch));
      if (news.kind === "locked") router.refresh();
      if (news.kind === "signed-out") {
        setGone(true);
        window.location.assign("/sign-in");
      }
    },
    [freeOthers, router],
  );
  const tell = useSessionNews(session.person.id, hear);

  // A page taken out of the back-forward cache may be older than the session: it is asked for again.
  useEffect(() => {
    const restored = (event: PageTransitionEvent) => {
      if (event.persisted) window.location.reload();
    };
    window.addEventListener("pageshow", restored);
    return () => window.removeEventListener("pageshow", restored);
  }, []);

  const perform = useCallback(
    function perform<Data>(action: Action<Data>, input: unknown): Promise<Outcome<Data>> {
      const call = new Call(action, input, session.person.id);
      const id = crypto.randomUUID();
      return new Promise((resolve) => {
        let over = false;
        const leave = (outcome: Outcome<Data>) => {
          over = true;
          update((list) => list.filter((one) => one.id !== id));
          resolve(outcome);
        };
        const take = async (outcome: Outcome<Data> | null, proved: boolean): Promise<void> => {
          if (proved && (outcome?.status === "done" || outcome?.status === "conflict")) {
            tell({ kind: "unlocked" });
            freeOthers(id);
          }
          if (outcome) return leave(outcome);
          const { demand } = call;
          // An answer that comes after the end, to a question about a message on its way, opens nothing again.
          if (!demand || over) return;
          if (demand.kind === "finish-sign-in") return finish();
          // A dialog that cannot be fetched must not take the page with it, and what was typed there.
          if (!(await fetchDialog(demand.kind)))
            return leave({ status: "failed", reference: "no-connection" });
          update((list) => placed(list, { id, demand, go, cancel }));
        };
        const go = async (answer: Answer | null) =>
          take(await (answer ? call.prove(answer) : call.start()), answer !== null);
        // Whoever signs in again in mid-work finishes that first, in a prompt of its own, and this goes on.
        const finish = async (): Promise<void> => {
          update((list) => list.filter((one) => one.id !== id));
          const finished = await perform(actions.finishSignIn, { trustDevice: false });
          if (finished.status === "done") return go(null);
          leave(finished.status === "invalid" ? { status: "cancelled" } : finished);
        };
        const cancel = () => {
          if (call.demand?.kind === "prove") {
            const { token } = call.demand.challenge;
            void actions
              .cancelPrompt({ input: { token }, callId: crypto.randomUUID(), person: session.person.id })
              .catch(() => {});
          }
          leave({ status: "cancelled" });
        };
        void fetchDialog("prove");
        void call.start().then((outcome) => take(outcome, false));
      });
    },
    [actions, freeOthers, session.person.id, tell, update],
  );

  const lock = useCallback(async () => {
    const next = lockEpoch + 1;
    setLocalEpoch(next);
    tell({ kind: "locking", lockEpoch: next });
    await perform(actions.lockNow, {});
    tell({ kind: "locked" });
    router.refresh();
  }, [actions, lockEpoch, perform, router, tell]);

  const signOut = useCallback(async () => {
    const outcome = await perform(actions.signOut, {});
    if (outcome.status !== "done" && outcome.status !== "other-person" && outcome.status !== "cancelled")
      return;
    setGone(true);
    tell({ kind: "signed-out" });
    window.location.assign("/sign-in");
  }, [actions, perform, tell]);

  const value = useMemo<StepUp>(
    () => ({
      session,
      perform,
      lock,
      signOut,
      lockEpoch,
      hydrated,
      gone,
      msUntil: (deadline) => deadline - (Date.now() + skew),
    }),
    [session, perform, lock, signOut, lockEpoch, hydrated, gone, skew],
  );

  const first = waiting[0];
  return (
    <Context value={value}>
      <div hidden={gone} className="contents">
        {children}
      </div>
      <Suspense>
        {first?.demand.kind === "prove" ? (
          <PromptDialog
            key={first.id}
            challenge={first.demand.challenge}
            receivedAt={first.demand.receivedAt}
            notice={first.demand.notice}
            onAnswer={first.go}
            onCancel={first.cancel}
            actions={actions}
            codesAt={session.codesAt}
          />
        ) : null}
        {first?.demand.kind === "enrol" ? (
          <EnrolmentDialog
            key={first.id}
            prompt={first.demand.prompt}
            first={first.demand.first}
            reasons={first.demand.reasons}
            recoveryCodesLeft={first.demand.recoveryCodesLeft}
            actions={actions}
            onDone={() => void first.go(null)}
            onCancel={first.cancel}
          />
        ) : null}
        {first?.demand.kind === "sign-in" ? (
          <SignInDialog
            key={first.id}
            email={session.person.email}
            onSignedIn={() => void first.go(null)}
            onCancel={first.cancel}
          />
        ) : null}
      </Suspense>
    </Context>
  );
}

function placed(list: Waiting[], one: Waiting): Waiting[] {
  return list.some(({ id }) => id === one.id)
    ? list.map((other) => (other.id === one.id ? one : other))
    : [...list, one];
}
