/*
 * Next runs this before anything else of a page. Until then every place where a string becomes code refuses, by the
 * header `require-trusted-types-for`; from then on it takes what this one policy lets through, and the browser
 * refuses all other policies (docs/decisions/011, W3C Trusted Types § 4.1).
 */

type Policy = {
  createHTML(text: string): string | null;
  createScriptURL(address: string): string | null;
};
declare const trustedTypes: { createPolicy(name: "default", policy: Policy): unknown } | undefined;

/** The bundler loads a page's parts by `script.src`, and knows each by the address as it wrote it. */
function createScriptURL(address: string): string | null {
  const isOurs = address.startsWith("/_next/static/");
  // As the browser reads it, since `%2e%2e` leads out of the folder, too.
  const { pathname } = new URL(address, location.origin);
  return isOurs && /^\/_next\/static\/[\w./~%-]+\.js$/.test(pathname) ? address : null;
}

/** React makes a script element by this text, so that the browser does not run it. */
function createHTML(text: string): string | null {
  return text === "<script></script>" ? text : null;
}

// Browsers without Trusted Types heed neither the header nor this.
if (typeof trustedTypes !== "undefined")
  trustedTypes.createPolicy("default", { createHTML, createScriptURL });
