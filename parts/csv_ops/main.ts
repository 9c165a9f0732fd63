import Papa from "papaparse";
import { boolOr, isObject, listField, refuseField, textField, textOr, given, wholeOr } from "../sdk-js/fields.ts";
import { defineOperations } from "../sdk-js/operations.ts";
import { PartError } from "../sdk-js/part.ts";

type Row = Readonly<Record<string, unknown>>;

const MAX_ROWS = 1_000_000;
/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

export default defineOperations({ parse, stringify });

function parse(input: unknown): unknown {
  const text = textField(input, "text").replace(/^\ufeff/, "");
  const hasHeader = boolOr(input, "header", true);
  const isTyped = boolOr(input, "types", false);
  const { data, errors } = Papa.parse<string[]>(text, {
    delimiter: delimiterOf(input, ""),
    quoteChar: quoteOf(input),
    skipEmptyLines: boolOr(input, "skip_empty", true),
    preview: wholeOr(input, "limit", 0, [0, MAX_ROWS]) + (hasHeader && given(input, "limit") !== undefined ? 1 : 0),
  });
  // A delimiter that could not be guessed is a table of one column.
  const broken = errors.find(({ type }) => type === "Quotes");
  if (broken !== undefined)
    throw new PartError("csv.invalid", `${broken.message} (row ${(broken.row ?? 0) + 1})`, { details: { row: (broken.row ?? 0) + 1 } });
  const rows: readonly (readonly unknown[])[] = isTyped ? data.map((cells) => cells.map(typed)) : data;
  return hasHeader ? withHeader(data[0] ?? [], rows.slice(1)) : rows;
}

/** Names are those of the first row; one that comes twice gets a number, one that is empty that of its column. */
function withHeader(first: readonly string[], rows: readonly (readonly unknown[])[]): readonly Row[] {
  const names: string[] = [];
  first.forEach((given, column) => {
    const name = given.trim() || `column_${column + 1}`;
    let unique = name;
    for (let n = 2; names.includes(unique); n += 1) unique = `${name}_${n}`;
    names.push(unique);
  });
  return rows.map((cells) => rowOf(names, cells));
}

/** In loops, since there may be hundreds of thousands of rows. */
function rowOf(names: readonly string[], cells: readonly unknown[]): Row {
  const row: Record<string, unknown> = {};
  for (let column = 0; column < names.length || column < cells.length; column += 1) {
    const name = names[column] ?? `column_${column + 1}`;
    if (name === "__proto__") Object.defineProperty(row, name, { value: cells[column] ?? null, enumerable: true });
    else row[name] = cells[column] ?? null;
  }
  return row;
}

/** Numbers that mean the same when written again, true, false; an empty cell is null. So 007 and 12345678901234567890 stay text. */
function typed(cell: string): unknown {
  if (cell === "") return null;
  if (cell === "true" || cell === "false") return cell === "true";
  return /^-?\d/.test(cell) && String(Number(cell)) === cell ? Number(cell) : cell;
}

function stringify(input: unknown): string {
  const items = listField(input, "items");
  const columns = columnsOf(input, items);
  const rows = items.map((item, index) => {
    if (Array.isArray(item)) return item.map(cellOf);
    if (!isObject(item)) return refuseField(`items[${index}]`, "must be an object or a list");
    return columns.map((column) => (Object.hasOwn(item, column) ? cellOf(item[column]) : ""));
  });
  const hasHeader = boolOr(input, "header", true) && columns.length > 0;
  return Papa.unparse(hasHeader ? [columns, ...rows] : rows, {
    delimiter: delimiterOf(input, ","),
    quoteChar: quoteOf(input),
    quotes: boolOr(input, "quote_all", false),
    newline: textOr(input, "newline", "\r\n"),
    escapeFormulae: boolOr(input, "escape_formulas", false) ? FORMULA : false,
  });
}

/** Those that were asked for, or all that occur, in the order in which they first do. */
function columnsOf(input: unknown, items: readonly unknown[]): string[] {
  if (given(input, "columns") !== undefined)
    return listField(input, "columns").map((column, index) =>
      typeof column === "string" ? column : refuseField(`columns[${index}]`, "must be text"),
    );
  return [...new Set(items.flatMap((item) => (isObject(item) ? Object.keys(item) : [])))];
}

function cellOf(value: unknown): unknown {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : value;
}

function delimiterOf(input: unknown, fallback: string): string {
  const delimiter = textOr(input, "delimiter", fallback);
  return delimiter.length > 1 || /["\r\n]/.test(delimiter)
    ? refuseField("delimiter", "must be one character that is no quote and no line break")
    : delimiter;
}

function quoteOf(input: unknown): string {
  const quote = textOr(input, "quote", '"');
  return quote.length === 1 ? quote : refuseField("quote", "must be one character");
}
