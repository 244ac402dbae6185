import type { Clause } from "@/db/schema/customers";
import type { Random } from "./random";

/** {place}, {days}, {months}, {percent} and {hours} are filled in. */
const opening: readonly (readonly [heading: string, texts: readonly string[]])[] = [
  [
    "Subject of the agreement",
    [
      "We provide the services listed in Annex 1. Each order names its scope, its dates and its price; this agreement applies to all of them.",
      "The parties agree on the delivery of the goods and services that the customer orders in text form. General terms of either side do not apply.",
      "We make the software named in Annex 1 available to the customer and keep it in working order for as long as this agreement runs.",
    ],
  ],
  [
    "Prices and invoices",
    [
      "Prices follow the price list in Annex 2 and do not include value added tax. We invoice at the end of each month.",
      "The yearly fee is due in advance. We may raise it once a year by at most {percent} per cent, and announce it {days} days ahead.",
      "Travel is charged at cost. Work that is not ordered in text form is not paid for.",
    ],
  ],
];

const middle: readonly (readonly [heading: string, texts: readonly string[]])[] = [
  [
    "Acceptance",
    [
      "The customer examines each delivery within {days} days. What has not been objected to by then counts as accepted.",
      "Each milestone is accepted by a signed protocol. Minor defects do not stand in the way of acceptance.",
    ],
  ],
  [
    "Service times",
    [
      "We answer reports on working days from 8:00 to 18:00. Work on failures that stop operations begins within {hours} hours.",
      "The service is available for 99.5 per cent of each month. Announced maintenance does not count against it.",
    ],
  ],
  [
    "Warranty",
    [
      "We repair or replace defective parts for {months} months after delivery. If that fails twice, the customer may lower the price or withdraw.",
      "Claims for defects lapse {months} months after acceptance, except where the law provides for longer.",
    ],
  ],
  [
    "Liability",
    [
      "Each party is liable without limit for intent and gross negligence. Otherwise liability ends at the value of the order concerned.",
      "Nobody is liable for damage caused by events outside of their control. The other party is told within {days} days.",
    ],
  ],
  [
    "Confidentiality",
    [
      "What one party learns about the other's business stays confidential for {months} months after the end of this agreement.",
      "Documents are returned or destroyed on request. Copies that the law requires are exempt.",
    ],
  ],
  [
    "Data protection",
    [
      "Personal data is processed for this agreement only. The agreement on processing in Annex 3 is part of it.",
      "We name every subcontractor that touches personal data, and announce changes {days} days ahead.",
    ],
  ],
  [
    "Intellectual property",
    [
      "Rights to results pass to the customer with payment. We keep the rights to what we brought with us.",
      "The customer receives a simple right of use, without limit in time, for its own operations and those of its subsidiaries.",
    ],
  ],
  [
    "Subcontractors",
    [
      "We may have parts of the work done by others and answer for them as for our own people. The customer may refuse one for good reason.",
    ],
  ],
  [
    "Delivery and risk",
    [
      "Deliveries are made to {place}. Risk passes when the goods are handed over there.",
      "If we are late by more than {days} days, the customer may ask for {percent} per cent of the order's price for each week begun.",
    ],
  ],
  [
    "Insurance",
    [
      "Each party keeps liability insurance of at least twice the yearly value of this agreement and shows proof of it on request.",
    ],
  ],
  [
    "People in charge",
    ["Both sides name one person who decides about daily matters. A change is announced {days} days ahead."],
  ],
];

const closing: readonly (readonly [heading: string, texts: readonly string[]])[] = [
  [
    "Term and end",
    [
      "The agreement runs for {months} months and is renewed by a year at a time, unless one party gives notice in text form.",
      "Either party may end the agreement at once for an important reason, above all when payments are {days} days late.",
    ],
  ],
  [
    "Final provisions",
    [
      "Changes need text form. Should a provision be void, the rest stands. Place of jurisdiction is {place}.",
      "There are no oral side agreements. The law of the customer's seat applies, and the courts of {place} decide.",
    ],
  ],
];

/** Clauses: what it is about, one to five things that were agreed, how it ends. */
export function clausesOf(random: Random, place: string, agreedAtMost: number): Clause[] {
  const agreed = random.shuffled(middle).slice(0, random.whole(1, agreedAtMost));
  return [...opening, ...agreed, ...closing].map(([heading, texts]) => ({
    heading,
    text: fill(random, place, random.pick(texts)),
  }));
}

function fill(random: Random, place: string, text: string): string {
  const words: Record<string, () => string> = {
    place: () => place,
    days: () => random.pick(["5", "10", "14", "30", "60"]),
    months: () => random.pick(["12", "24", "36"]),
    percent: () => random.pick(["0.5", "1", "2", "3"]),
    hours: () => random.pick(["2", "4", "8"]),
  };
  return text.replace(/\{(\w+)\}/g, (whole, word: string) => words[word]?.() ?? whole);
}
