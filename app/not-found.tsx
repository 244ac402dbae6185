import { LinkButton } from "@/components/ui/button";

export default function NotFound() {
  return (
    <main className="mx-auto flex max-w-md flex-col items-start gap-4 px-4 py-24">
      <h1 className="font-semibold text-2xl">This page doesn't exist</h1>
      <p>It may have been moved or removed, or it isn't yours to see.</p>
      <LinkButton href="/customers" variant="primary">
        Go to the customers
      </LinkButton>
    </main>
  );
}
