import { call, result_len, result_read } from "./arcrun";
import { Json, PADDING, parseJson } from "./json";
import { Writer } from "./writer";

/** Asks the host: a JSON request out, a JSON result in. To the part it is synchronous (PARTS contract: an exchange). */
export function askHost(request: Writer): Json {
  const length = request.size;
  const handle = call(request.joined(), <i32>length);
  const size = result_len(handle);
  const target = heap.alloc(<usize>size + PADDING);
  return parseJson(target, result_read(handle, target, size));
}
