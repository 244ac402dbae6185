import { type Fault, look, moment } from "../fault";

/** PostgreSQL can't be reached for a while. */
export const refuseConnections: Fault = {
  name: "refuse-connections",
  async strike(scene) {
    const { proxy } = scene;
    await moment(scene);
    proxy.turns("refuse");
    proxy.cut();
    await look(scene, { ready: false });
    await moment(scene, 500, 4_000);
    proxy.turns("through");
  },
};
