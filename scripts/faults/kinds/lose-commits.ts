import { type Fault, moment } from "../fault";

/** COMMITs that never reach PostgreSQL, and COMMITs that it made and whose answer nobody hears. */
export const loseCommits: Fault = {
  name: "lose-commits",
  async strike(scene) {
    const { proxy, random } = scene;
    for (let times = random.between(8, 12); times > 0; times -= 1) {
      const unanswered = random.between(0, 2);
      proxy.losesCommits({ unanswered, unheard: unanswered > 0 ? 0 : 1 });
      await moment(scene, 200, 700);
    }
    proxy.losesCommits({});
  },
};
