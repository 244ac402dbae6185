import { type Fault, moment } from "../fault";

/** Connections break in the middle of anything, some at a time. */
export const cutConnections: Fault = {
  name: "cut-connections",
  async strike(scene) {
    const { proxy, random } = scene;
    for (let times = random.between(15, 30); times > 0; times -= 1) {
      await moment(scene, 5, 150);
      proxy.cut(() => random.chance(0.5));
    }
  },
};
