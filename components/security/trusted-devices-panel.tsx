"use client";

import { Button } from "@/components/ui/button";
import { Badge, Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { OwnTrustedDevice } from "@/lib/security/read";
import type { SecurityActions } from "./security-actions";
import { useAct } from "./use-act";

type Props = { devices: OwnTrustedDevice[]; remove: SecurityActions["removeTrustedDevices"] };

/** Where sign-in asks this person for no second factor, and taking that back. */
export function TrustedDevicesPanel({ devices, remove }: Props) {
  const { act, busy, message } = useAct(remove);
  return (
    <Panel
      title="Trusted devices"
      count={devices.length}
      action={
        devices.length > 1 ? (
          <Button pending={busy} onClick={() => void act({ which: "all" }, "No device is trusted any more")}>
            Remove all
          </Button>
        ) : null
      }
    >
      {message ? (
        <Notice tone="danger" className="mb-3">
          {message}
        </Notice>
      ) : null}
      {devices.length === 0 ? (
        <p className="text-ink-soft">None. You can trust a device when sign-in asks for a second factor.</p>
      ) : (
        <ul aria-label="Trusted devices" className="flex flex-col divide-y divide-line">
          {devices.map((one) => (
            <li
              key={one.id}
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0"
            >
              <div className="min-w-0">
                <p className="flex flex-wrap items-center gap-x-2 font-medium">
                  {one.device} {one.isThisOne ? <Badge tone="open">this device</Badge> : null}
                </p>
                <p className="text-ink-soft text-sm">
                  {one.isChosen ? "Trusted on" : "Known: you confirmed there on"} <When at={one.since} />.
                  Sign-in asks for no second factor there until <When at={one.until} />
                  {one.isChosen ? "." : ", unless something else is unusual."}
                </p>
              </div>
              <Button
                size="small"
                aria-label={`Remove ${one.device}`}
                onClick={() => void act({ which: one.id }, `${one.device} is not trusted any more`)}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
