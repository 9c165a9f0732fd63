import { Json, Kind, Member } from "../sdk/json";
import { Writer } from "../sdk/writer";

/** Writes a value in one notation: no white space but the indent, names once, in order when sorted. Numbers keep their digits. */
export class Printer {
  constructor(
    private target: Writer,
    private indent: i32,
    private isSorted: bool,
  ) {}

  print(value: Json, depth: i32 = 0): void {
    if (value.kind == Kind.Object) this.printObject(value, depth);
    else if (value.kind == Kind.List) this.printList(value, depth);
    else if (value.kind == Kind.Text) this.target.text(value.text);
    else this.target.json(value);
  }

  private printObject(object: Json, depth: i32): void {
    const members = object.distinctMembers();
    if (this.isSorted) members.sort((a: Member, b: Member) => (a.key.text < b.key.text ? -1 : a.key.text > b.key.text ? 1 : 0));
    this.target.put("{");
    for (let i = 0; i < members.length; i++) {
      this.line(i, depth + 1);
      this.target.text(members[i].key.text).put(this.indent > 0 ? ": " : ":");
      this.print(members[i].value, depth + 1);
    }
    if (members.length > 0) this.line(0, depth);
    this.target.put("}");
  }

  private printList(list: Json, depth: i32): void {
    const items = list.items();
    this.target.put("[");
    for (let i = 0; i < items.length; i++) {
      this.line(i, depth + 1);
      this.print(items[i], depth + 1);
    }
    if (items.length > 0) this.line(0, depth);
    this.target.put("]");
  }

  /** To the next line, after a comma behind the first item. */
  private line(index: i32, depth: i32): void {
    if (index > 0) this.target.put(",");
    if (this.indent > 0) this.target.put("\n" + " ".repeat(this.indent * depth));
  }
}
