import { type Fault, look, moment } from "../fault";

/** SIGKILL to PostgreSQL; it comes back on the same folder, and the app goes on without a restart. */
export const killPostgres: Fault = {
  name: "kill-postgres",
  async strike(scene) {
    const { postgres, proxy } = scene;
    await moment(scene);
    await postgres.kill();
    // Its last processes may still answer on connections that are open.
    proxy.turns("refuse");
    proxy.cut();
    await look(scene, { ready: false });
    await moment(scene);
    proxy.turns("through");
    await postgres.restart();
  },
};
