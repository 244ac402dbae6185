"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { useSecondsLeft } from "./step-up/use-seconds-left";
import { Cell, Column, Row, Table, TableBody, TableHead } from "./ui/table";

type Account = { email: string; name: string; role: string; code: string | null };

/** The demo's accounts with their current codes; asks for the next ones when these end. */
export function DemoCodes({ accounts, secondsLeft }: { accounts: Account[]; secondsLeft: number }) {
  const router = useRouter();
  const left = useSecondsLeft(secondsLeft, accounts);
  useEffect(() => {
    if (left === 0) router.refresh();
  }, [left, router]);
  return (
    <Table label="Demo accounts">
      <TableHead>
        {["Email", "Name", "Role", "Current code"].map((label) => (
          <Column key={label}>{label}</Column>
        ))}
      </TableHead>
      <TableBody>
        {accounts.map(({ email, name, role, code }) => (
          <Row key={email}>
            <Cell place="title">{email}</Cell>
            <Cell place="line">{name}</Cell>
            <Cell place="line-end">{role}</Cell>
            <Cell place="fact" label="Current code" className="whitespace-nowrap">
              {code ? (
                <span>
                  <code className="font-mono text-lg">{code}</code>{" "}
                  <span className="text-ink-soft text-sm">{left} s left</span>
                </span>
              ) : (
                <span className="text-ink-soft">no second factor yet</span>
              )}
            </Cell>
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}
