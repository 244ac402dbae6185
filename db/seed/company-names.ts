import { countries } from "./countries/all";
import type { Country } from "./countries/country";
import { type Random, randomOf } from "./random";

const beginnings = [
  "Nor",
  "Vel",
  "Lumi",
  "Tera",
  "Ori",
  "Kalt",
  "Sol",
  "Zent",
  "Alde",
  "Mira",
  "Fjor",
  "Quan",
  "Brio",
  "Cala",
  "Ever",
  "Hela",
  "Inno",
  "Juno",
  "Kyma",
  "Lyra",
  "Mono",
  "Nexa",
  "Oxa",
  "Pela",
  "Rova",
  "Silva",
  "Tria",
  "Ultra",
  "Vanta",
  "Xeno",
];
const endings = [
  "vio",
  "tec",
  "ra",
  "lis",
  "dyne",
  "mont",
  "",
  "ix",
  "gen",
  "para",
  "nova",
  "sys",
  "line",
  "form",
  "media",
  "flux",
  "port",
];

/** So many names are told apart by their words alone; later ones carry their number. */
const namesInWords = 2000;

/** The country of a company, by its place in the sequence. */
export function countryOf(index: number): Country {
  return randomOf("country", index).weighted(countries.map((country) => [country, country.share] as const));
}

/** The company's name: no two are the same, however many there are. */
export function companyName(index: number): string {
  return wordedNames()[index] ?? numbered(index);
}

let worded: string[] | undefined;

function wordedNames(): string[] {
  if (worded) return worded;
  const taken = new Set<string>();
  worded = Array.from({ length: namesInWords }, (_, index) => {
    const random = randomOf("company name", index);
    for (;;) {
      const name = drawName(random, countryOf(index), index);
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  });
  return worded;
}

function numbered(index: number): string {
  const country = countryOf(index);
  const random = randomOf("company name", index);
  return `${fill(random, country, random.pick(country.namePatterns), `${index + 1} ${random.pick(country.legalForms)}`)}`;
}

/** Some are short and stand without a legal form, some are as long as a register allows. */
function drawName(random: Random, country: Country, index: number): string {
  if (index % 40 === 7) return coined(random);
  if (index % 60 === 13) return longName(random, country);
  return fill(random, country, random.pick(country.namePatterns), random.pick(country.legalForms));
}

function longName(random: Random, country: Country): string {
  const trades = random.shuffled(country.trades).slice(0, 3);
  const [first, second] = random.shuffled(country.lastNames);
  return `${first} ${second} ${trades.slice(0, 2).join(", ")} & ${trades[2]} International ${random.pick(country.legalForms)}`;
}

function fill(random: Random, country: Country, pattern: string, legal: string): string {
  const [last, other] = random.shuffled(country.lastNames);
  const words: Record<string, string> = {
    last: last ?? "",
    other: other ?? "",
    city: random.pick(country.cities)[0],
    trade: random.pick(country.trades),
    coined: coined(random),
    legal,
  };
  return pattern.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? "");
}

function coined(random: Random): string {
  return random.pick(beginnings) + random.pick(endings);
}

const umlauts: Record<string, string> = {
  ä: "ae",
  ö: "oe",
  ü: "ue",
  ß: "ss",
  å: "a",
  ø: "o",
  æ: "ae",
  ı: "i",
};

/** A name as part of a mail domain or address. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[äöüßåøæı]/g, (letter) => umlauts[letter] ?? letter)
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[’'.]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
