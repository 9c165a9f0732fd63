/** What the components of the engine itself take and give, in the words of the documentation. */

export type EngineWords = { readonly takes: string; readonly gives: string };

export const ENGINE_WORDS: Readonly<Record<string, EngineWords>> = {
  approval: {
    takes: "`title`, `fields?`, `timeout?`",
    gives: "`approved`, `by`, `answers`; a page asks, and looking at it changes nothing",
  },
  output: { takes: "what it is given", gives: "the same: the config of the end, which the run gives" },
  poll_task: {
    takes: "`request` (fields of [`http_request`](parts/http_request.md)), `every`, `done_when`, `fail_when?`, `timeout?`",
    gives: "the last answer of the service; the conditions see its `status`, `body` and `json`",
  },
  respond: { takes: "`status = 200`, `headers?`, `body?`", gives: "the same; a caller that waits is answered with it" },
  trigger_workflow: {
    takes: "`workflow_name`, `input` (the whole context), `wait: started` or `finished`",
    gives: "`run_id`, `workflow`, `status`; with `finished` also `output`, and the other run's failure is this node's",
  },
  wait: { takes: "`duration`, `ms` or `until` (a moment in ISO 8601)", gives: "`waited_ms`" },
  wait_for_callback: {
    takes: "`note?`, `schema?`, `timeout?`",
    gives: "the data of the answer; its address is `callback_url` in `waiting` of `GET /runs/:id`",
  },
  wait_for_workflows: {
    takes: "`run_ids`, `mode: all`, `any` or `{ quorum: n }`, `on_failure: fail` or `continue`",
    gives: "`runs`: `run_id`, `status`, and `output` or `error` of each",
  },
};
