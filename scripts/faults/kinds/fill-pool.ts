import { type Fault, moment } from "../fault";
import { saw } from "../journal";

const atOnce = 60;

/** More requests at once than there are connections, all of which are held up: they wait, or are told so. */
export const fillPool: Fault = {
  name: "fill-pool",
  async strike(scene) {
    const { proxy, people, journal } = scene;
    await moment(scene);
    proxy.turns("stall");
    const pages = Array.from({ length: atOnce }, () => people.onlooker.open("/customers"));
    await moment(scene, 1_000, 8_000);
    proxy.turns("through");
    for (const page of await Promise.all(pages)) {
      if (page) saw(journal, `a page of ${atOnce} at once: HTTP ${page.status}`);
      else journal.faults.push("a page of many at once was never answered");
    }
  },
};
