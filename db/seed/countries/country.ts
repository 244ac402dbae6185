/** A town with the shape of its postal codes and phone numbers: `#` a digit, `@` a letter. */
export type City = readonly [name: string, postalCode: string, phone: string];

/** What a country's companies are made of. */
export type Country = {
  code: string;
  currency: "EUR" | "CHF" | "GBP" | "SEK";
  /** How many of a hundred companies are from here. */
  share: number;
  cities: readonly City[];
  streets: readonly string[];
  /** Whether the house number stands before the street. */
  numberFirst?: boolean;
  firstNames: readonly string[];
  lastNames: readonly string[];
  legalForms: readonly string[];
  trades: readonly string[];
  /** Company names: {last}, {other}, {city}, {trade}, {coined} and {legal} are filled in. */
  namePatterns: readonly string[];
};
