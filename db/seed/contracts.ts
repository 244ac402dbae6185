import type {
  ContractStatus,
  CustomerStatus,
  contractDetails,
  contracts,
  Signatory,
} from "@/db/schema/customers";
import { clausesOf } from "./clauses";
import type { Country } from "./countries/country";
import { dateOf, daysBefore } from "./days";
import { idOf, type Random, randomOf } from "./random";

type ContractRow = typeof contracts.$inferInsert & { id: string };
type DetailsRow = typeof contractDetails.$inferInsert;
export type SeededContract = { row: ContractRow; details: DetailsRow };

/** The customer that contracts are made for. */
export type Party = {
  index: number;
  id: string;
  status: CustomerStatus;
  city: string;
  country: Country;
  createdAt: Date;
  contacts: { name: string; jobTitle: string }[];
  /** Who signs for us; null where nobody is known. */
  accountManager: string | null;
};

const masterTitle = "Master services agreement";

const otherTitles = [
  "Support and maintenance agreement",
  "Data processing agreement",
  "Software licence agreement",
  "Framework supply agreement",
  "Non-disclosure agreement",
  "Service level agreement",
  "Consulting agreement",
  "Equipment lease",
  "Training agreement",
  "Logistics agreement",
  "Amendment to the master services agreement",
  "Warehouse agreement",
];

/** Ten companies in a row have thirty contracts. */
const counts = [1, 2, 2, 3, 3, 3, 3, 4, 4, 5];

export function contractCount(index: number): number {
  const group = randomOf("contract count", Math.floor(index / counts.length));
  return group.shuffled(counts)[index % counts.length] ?? 1;
}

/** The contracts of a customer, most often with a master services agreement as the first. */
export function contractsOf(party: Party, now: Date): SeededContract[] {
  const random = randomOf("contracts", party.index);
  const first = random.chance(0.88) ? [masterTitle] : [];
  const titles = [...first, ...random.shuffled(otherTitles)].slice(0, contractCount(party.index));
  return titles.map((title, place) => contractOf(random, party, title, place, now));
}

function contractOf(random: Random, party: Party, title: string, place: number, now: Date): SeededContract {
  const id = idOf("contract", party.index, place);
  const age = (now.getTime() - party.createdAt.getTime()) / 86_400_000;
  const startsOn = daysBefore(now, age * random.next() - (party.status === "prospect" ? 30 : 0));
  const months = random.pick([12, 12, 24, 36, 48, null]);
  const endsOn = months ? daysBefore(startsOn, -months * 30.4) : null;
  const status = statusOf(random, party.status, endsOn, now);
  const row = {
    id,
    customerId: party.id,
    number: `CT-${10_001 + party.index}-${place + 1}`,
    title,
    status,
    startsOn: dateOf(startsOn),
    endsOn: endsOn ? dateOf(endsOn) : null,
  };
  return { row, details: detailsOf(random, party, row, startsOn) };
}

function statusOf(random: Random, customer: CustomerStatus, endsOn: Date | null, now: Date): ContractStatus {
  if (customer === "prospect") return "draft";
  if (endsOn && endsOn < now) return "expired";
  if (customer === "archived") return "terminated";
  return random.weighted([
    ["active", 88],
    ["terminated", 7],
    ["draft", 5],
  ] as const);
}

/** A large test database gets short contracts: a million customers have three million of them. */
function detailsOf(random: Random, party: Party, row: ContractRow, startsOn: Date): DetailsRow {
  const thousands = random.weighted([
    [random.whole(2, 30), 5],
    [random.whole(30, 180), 4],
    [random.whole(180, 2400), 1],
  ] as const);
  return {
    contractId: row.id,
    value: `${thousands * 1000 + random.pick([0, 0, 200, 450, 500, 840])}.${random.pick(["00", "00", "00", "50"])}`,
    currency: party.country.currency,
    paymentTerms: random.pick([
      "30 days net",
      "14 days net",
      "14 days 2 %, 30 days net",
      "60 days net",
      "Monthly in advance",
      "Quarterly in arrears",
      "Half on order, half on acceptance",
    ]),
    noticePeriod: random.pick([
      "3 months to the end of the term",
      "1 month to the end of a month",
      "6 months to the end of a year",
      "4 weeks",
      "None before the end of the term",
    ]),
    clauses: clausesOf(random, party.city, party.index < 2_000 ? 5 : 1),
    signatories: signatoriesOf(random, party, row.status === "draft" ? null : startsOn),
  };
}

function signatoriesOf(random: Random, party: Party, startsOn: Date | null): Signatory[] {
  const signedOn = () => (startsOn ? dateOf(daysBefore(startsOn, random.whole(1, 21))) : null);
  const theirs = party.contacts
    .slice(0, random.whole(1, 2))
    .map(({ name, jobTitle }) => ({ name, jobTitle, party: "customer" as const }));
  const ours = [
    { name: party.accountManager ?? "Robin Falk", jobTitle: "Account manager", party: "us" as const },
    ...(random.chance(0.4)
      ? [{ name: "Maya Okafor", jobTitle: "Head of customers", party: "us" as const }]
      : []),
  ];
  return [...theirs, ...ours].map((one) => ({ ...one, signedOn: signedOn() }));
}
