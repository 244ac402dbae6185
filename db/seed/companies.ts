import type { CustomerStatus, contacts, customers } from "@/db/schema/customers";
import { companyName, countryOf, slug } from "./company-names";
import { contractsOf, type SeededContract } from "./contracts";
import type { City, Country } from "./countries/country";
import { daysBefore } from "./days";
import { ibanOf } from "./ibans";
import type { TeamName } from "./people";
import { idOf, type Random, randomOf } from "./random";

type ContactRow = typeof contacts.$inferInsert;
type CustomerRow = typeof customers.$inferInsert & { id: string };

/** Who a company can be given to. Without people the customers have no account manager. */
export type Colleague = { id: string; name: string };
export type Staff = { teams: Record<TeamName, string>; colleagues: Record<TeamName, Colleague[]> };

export type SeededCompany = {
  index: number;
  customer: CustomerRow;
  country: Country;
  phonePattern: string;
  createdAt: Date;
  accountManager: Colleague | null;
  team: TeamName;
  contacts: ContactRow[];
  contracts: SeededContract[];
};

const jobTitles = [
  "Managing director",
  "Head of purchasing",
  "Finance manager",
  "Buyer",
  "Operations manager",
  "IT manager",
  "Assistant to the board",
  "Plant manager",
  "Accounts payable",
  "Project lead",
  "Legal counsel",
  "Owner",
];

/** The company at a place in the sequence: the same at every run, for the same day. */
export function companyAt(index: number, staff: Staff, now: Date): SeededCompany {
  const random = randomOf("company", index);
  const country = countryOf(index);
  const city = random.pick(country.cities);
  const team = teamOf(random, country);
  const accountManager = staff.colleagues[team].length > 0 ? random.pick(staff.colleagues[team]) : null;
  const id = idOf("customer", index);
  const name = companyName(index);
  const domain = `${slug(name).slice(0, 50).replace(/-$/, "")}.example`;
  const people = contactsOf(random, index, { id, country, domain, city });
  const status: CustomerStatus = random.weighted([
    ["active", 68],
    ["prospect", 17],
    ["paused", 9],
    ["archived", 6],
  ] as const);
  const createdAt = daysBefore(now, 20 + 1800 * random.next() ** 1.3);
  const customer: CustomerRow = {
    id,
    name,
    status,
    teamId: staff.teams[team],
    accountManagerId: accountManager?.id ?? null,
    email: `${random.pick(["info", "office", "contact", "hello"])}@${domain}`,
    phone: random.fill(city[2]),
    street: streetOf(random, country),
    city: city[0],
    postalCode: random.fill(city[1]),
    country: country.code,
    ...bankDetailsOf(random, name, status, country),
    createdAt,
    updatedAt: createdAt,
  };
  const signers = people.map(({ name, jobTitle }) => ({ name, jobTitle: jobTitle ?? "" }));
  const party = {
    index,
    id,
    status,
    city: city[0],
    country,
    createdAt,
    contacts: signers,
    accountManager: accountManager?.name ?? null,
  };
  return {
    index,
    customer,
    country,
    phonePattern: city[2],
    createdAt,
    accountManager,
    team,
    contacts: people,
    contracts: contractsOf(party, now),
  };
}

/** Few prospects have told theirs yet. */
function bankDetailsOf(random: Random, name: string, status: CustomerStatus, country: Country) {
  if (status === "prospect" && random.chance(0.7)) return { accountHolder: null, iban: null };
  return { accountHolder: name.slice(0, 140), iban: ibanOf(random, country.code) };
}

export function streetOf(random: Random, country: Country): string {
  const street = random.pick(country.streets);
  const number = `${random.whole(1, 160)}${random.chance(0.12) ? random.pick(["a", "b", "c"]) : ""}`;
  return country.numberFirst ? `${number} ${street}` : `${street} ${number}`;
}

const homes: Record<string, TeamName> = {
  DE: "North",
  NL: "North",
  SE: "North",
  AT: "South",
  CH: "South",
  IT: "South",
  FR: "West",
  GB: "West",
  ES: "West",
};

/** By country, with the large ones apart. German customers are shared out. */
function teamOf(random: Random, country: Country): TeamName {
  if (random.chance(0.12)) return "Key accounts";
  if (country.code === "DE" && random.chance(0.35)) return "South";
  return homes[country.code] ?? "North";
}

type At = { id: string; country: Country; domain: string; city: City };

function contactsOf(random: Random, index: number, { id, country, domain, city }: At): ContactRow[] {
  const count = random.weighted([
    [1, 25],
    [2, 40],
    [3, 25],
    [4, 10],
  ] as const);
  const firstNames = random.shuffled(country.firstNames);
  const titles = random.shuffled(jobTitles);
  return Array.from({ length: count }, (_, place) => {
    const first = firstNames[place] ?? "";
    const last = random.pick(country.lastNames);
    return {
      id: idOf("contact", index, place),
      customerId: id,
      name: `${first} ${last}`,
      jobTitle: titles[place] ?? "",
      email: `${slug(first)}.${slug(last)}@${domain}`,
      phone: random.chance(0.85) ? random.fill(city[2]) : "",
      isPrimary: place === 0,
    };
  });
}
