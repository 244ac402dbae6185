/** An address that breaks before its @ where the line is too short for it, and anywhere only where it must. */
export function EmailAddress({ children: email }: { children: string }) {
  const at = Math.max(email.lastIndexOf("@"), 0);
  return (
    <span className="[overflow-wrap:anywhere]">
      {email.slice(0, at)}
      <wbr />
      {email.slice(at)}
    </span>
  );
}
