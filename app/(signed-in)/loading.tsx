import { Loading, Skeleton } from "@/components/ui/skeleton";

/** While a page's data is on its way. */
export default function PageLoading() {
  return (
    <Loading label="Loading the page">
      <div className="flex flex-col gap-4">
        <Skeleton className="h-8 w-56" />
        <Skeleton className="h-9 w-full max-w-md" />
        <Skeleton className="h-96 w-full" />
      </div>
    </Loading>
  );
}
