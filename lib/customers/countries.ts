/** ISO 3166-1 alpha-2, all officially assigned codes. */
export const countryCodes: readonly string[] = (
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
  "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO " +
  "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE " +
  "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO " +
  "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW " +
  "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM " +
  "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
).split(" ");

const englishNames = new Intl.DisplayNames("en", { type: "region" });

/** The country's English name; the code itself where there is no such country. */
export function countryName(code: string): string {
  return countryCodes.includes(code) ? (englishNames.of(code) ?? code) : code;
}

/** What people type besides the code and the name. */
const otherNames: Record<string, string> = {
  uk: "GB",
  "great britain": "GB",
  usa: "US",
  "united states of america": "US",
  holland: "NL",
  turkey: "TR",
  "czech republic": "CZ",
};

let codesByName: Map<string, string> | undefined;

/** The code of a country given by code or by English name, whatever its case and accents; null when there is none. */
export function countryCodeOf(text: string): string | null {
  codesByName ??= new Map([
    ...Object.entries(otherNames),
    ...countryCodes.map((code) => [folded(countryName(code)), code] as const),
    ...countryCodes.map((code) => [folded(code), code] as const),
  ]);
  return codesByName.get(folded(text)) ?? null;
}

function folded(text: string): string {
  return text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}
