import type { PromptChange } from "@/lib/step-up/prompt";

/** What is about to change, old → new, in the words that are part of what the person confirms. */
export function PromptChanges({ changes }: { changes: PromptChange[] }) {
  if (changes.length === 0) return null;
  return (
    <dl className="flex flex-col gap-2 rounded-md border border-line bg-sunken p-3">
      {changes.map(({ label, from, to }) => (
        <div key={label}>
          <dt className="text-ink-soft text-sm">{label}</dt>
          <dd className="break-words">
            {from === null ? null : (
              <>
                <del className="text-ink-soft no-underline">{from || "empty"}</del>
                <span aria-hidden> → </span>
                <span className="sr-only"> becomes </span>
              </>
            )}
            <ins className="font-medium no-underline">{to || "empty"}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}
