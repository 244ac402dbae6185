import { type Fault, moment } from "../fault";

/** SIGKILL to the app, whatever it is at, and another start. */
export const killApp: Fault = {
  name: "kill-app",
  async strike(scene) {
    await moment(scene);
    await scene.app.kill();
    await moment(scene);
    await scene.app.start();
  },
};
