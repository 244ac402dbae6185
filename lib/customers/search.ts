import type { SQL } from "drizzle-orm";
import { customers } from "@/db/schema/customers";
import { matchesWords } from "@/lib/search/words";

/** The words of a search as conditions: each must stand somewhere in the customer's name, number, city or contacts. */
export function matchesSearch(query: string): SQL[] {
  return matchesWords(customers.searchText, query);
}
