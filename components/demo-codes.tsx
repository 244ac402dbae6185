"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { useSecondsLeft } from "./step-up/use-seconds-left";

type Account = { email: string; name: string; role: string; code: string | null };

/** The demo's accounts with their current codes; asks for the next ones when these end. */
export function DemoCodes({ accounts, secondsLeft }: { accounts: Account[]; secondsLeft: number }) {
  const router = useRouter();
  const left = useSecondsLeft(secondsLeft, accounts);
  useEffect(() => {
    if (left === 0) router.refresh();
  }, [left, router]);
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table aria-label="Demo accounts" className="w-full text-left">
        <thead className="border-line border-b text-ink-soft text-sm">
          <tr>
            {["Email", "Name", "Role", "Current code"].map((label) => (
              <th key={label} scope="col" className="px-3 py-2 font-medium">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {accounts.map(({ email, name, role, code }) => (
            <tr key={email} className="border-line border-b last:border-b-0">
              <td className="px-3 py-2">{email}</td>
              <td className="px-3 py-2">{name}</td>
              <td className="px-3 py-2">{role}</td>
              <td className="px-3 py-2 whitespace-nowrap">
                {code ? (
                  <>
                    <code className="font-mono text-lg">{code}</code>{" "}
                    <span className="text-ink-soft text-sm">{left} s left</span>
                  </>
                ) : (
                  <span className="text-ink-soft">no second factor yet</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
