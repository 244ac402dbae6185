import type { PersonDetails } from "@/lib/people/read-person";

/** What an administrator asked for, and what becomes of it when they stop being one. Nothing where there is nothing. */
export function ClosedRequests({ person: { askedFor } }: { person: PersonDetails }) {
  if (askedFor.length === 0) return null;
  return (
    <div>
      <p>
        {askedFor.length === 1
          ? "Their open request for approval is closed, and can be made again by another administrator:"
          : `Their ${askedFor.length} open requests for approval are closed, and can be made again by another administrator:`}
      </p>
      <ul className="mt-1 list-disc pl-5">
        {askedFor.map((what) => (
          <li key={what} className="break-words">
            {what}
          </li>
        ))}
      </ul>
    </div>
  );
}
