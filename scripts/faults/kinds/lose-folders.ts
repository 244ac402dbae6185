import { renameSync, rmSync, writeFileSync } from "node:fs";
import { type Fault, moment } from "../fault";

/** A file stands where the folder was: for root, too, nothing can be written there. */
function takeAway(folder: string): () => void {
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, "");
  return () => {
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
  };
}

/** Data folder and witness can't be written: the app goes on, says so in its log, and catches up. */
export const loseFolders: Fault = {
  name: "lose-folders",
  async strike(scene) {
    const { dataDir, witness, app, journal } = scene;
    const said = app.lines.length;
    const giveBack = [dataDir, witness].map(takeAway);
    const giveUp = Date.now() + 30_000;
    const saysSo = () => app.lines.slice(said).some((line) => line.includes("audit.seal"));
    while (!saysSo() && Date.now() < giveUp) await moment(scene, 100, 300);
    if (!saysSo()) journal.faults.push("the log says nothing of folders that can't be written");
    for (const back of giveBack) back();
  },
};
