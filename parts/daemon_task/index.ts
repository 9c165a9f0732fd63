import { askDaemon } from "../sdk/daemon";
import { field, textField } from "../sdk/fields";
import { readInput } from "../sdk/io";

const input = readInput();
textField(input, "url");
field(input, "task", "what the daemon has to do");
askDaemon(input);
