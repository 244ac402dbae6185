import { austria } from "./austria";
import { britain } from "./britain";
import type { Country } from "./country";
import { france } from "./france";
import { germany } from "./germany";
import { italy } from "./italy";
import { netherlands } from "./netherlands";
import { spain } from "./spain";
import { sweden } from "./sweden";
import { switzerland } from "./switzerland";

export const countries: readonly Country[] = [
  germany,
  austria,
  switzerland,
  france,
  netherlands,
  britain,
  spain,
  italy,
  sweden,
];
