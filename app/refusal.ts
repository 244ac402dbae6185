/** What a route that serves files answers in place of one: a sentence, kept by no cache. */
export function refusal(status: number, words: string): Response {
  return new Response(words, {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  });
}
