import type { Fault } from "../fault";
import { cutConnections } from "./cut-connections";
import { fillPool } from "./fill-pool";
import { killApp } from "./kill-app";
import { killPostgres } from "./kill-postgres";
import { loseCommits } from "./lose-commits";
import { loseFolders } from "./lose-folders";
import { refuseConnections } from "./refuse-connections";
import { shiftClocks } from "./shift-clocks";
import { stall } from "./stall";

export const faults: Fault[] = [
  killApp,
  loseCommits,
  killPostgres,
  cutConnections,
  refuseConnections,
  stall,
  ...shiftClocks,
  fillPool,
  loseFolders,
];
