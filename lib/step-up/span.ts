/** A wait in words, rounded up: "42 s", "1 minute", "3 hours". */
export function span(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const count = Math.ceil(seconds / 60);
  if (count > 90) return `${Math.ceil(count / 60)} hours`;
  return count === 1 ? "1 minute" : `${count} minutes`;
}
