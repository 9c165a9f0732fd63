/** `node examples/daemon/main.mjs [port]`: runs the reference daemon on 127.0.0.1, by default on 8790. */
import { loadTs } from "../../scripts/load-ts.mjs";

const { startDaemon } = await loadTs("examples/daemon/server.ts");
const port = await startDaemon(Number(process.argv[2] ?? 8790), (text) => console.error(text));
console.log(`the daemon takes tasks at http://127.0.0.1:${port}/tasks`);
process.send?.({ port });
process.once("disconnect", () => process.exit(0)); // whoever forked it is gone
