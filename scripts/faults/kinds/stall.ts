import { type Fault, look, moment } from "../fault";

/** No bytes for some seconds, and then all goes on; or they never come, and the connections stay open for ever. */
export const stall: Fault = {
  name: "stall",
  async strike(scene) {
    const { proxy, random } = scene;
    await moment(scene);
    proxy.turns("stall");
    await moment(scene, 2_000, 5_000);
    proxy.turns("through");
    await moment(scene);
    proxy.turns("stall");
    await look(scene, { ready: false });
    // Bounded although nothing ever came.
    if (random.chance(0.5)) proxy.cut();
    proxy.turns("through");
  },
};
