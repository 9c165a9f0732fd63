/** Says something to another run's object. Throws when it does not answer: the errand is run again later. */
import type { Hints, RunIndex, Runs } from "../../shared/ports.ts";
import type { Errand, ErrandReply } from "../../shared/errand.ts";

type ErrandPorts = { readonly runs: Runs; readonly hints: Pick<Hints, "send">; readonly index: Pick<RunIndex, "upsert"> };

export async function runErrand(tenant: string, errand: Errand, { runs, hints, index }: ErrandPorts): Promise<ErrandReply> {
  const other = runs.of(tenant, errand.runId);
  switch (errand.kind) {
    case "tell":
      await hints.send(await other.notify(errand.notices));
      return "done";
    case "cancel": {
      const reply = await other.cancel(errand.reason, errand.life);
      // What is lost here, the alarm of that run writes.
      if (reply.kind === "cancelled") await index.upsert([reply.summary]).catch(() => undefined);
      return "done";
    }
    case "ask":
      return other.holds(errand.step, errand.asker);
  }
}
