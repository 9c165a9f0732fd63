import { createMemoryLog } from "../../shared/log-store.ts";
import { describeLogStore } from "../conformance/log-store.ts";

describeLogStore("memory", (work) => work(createMemoryLog()));
