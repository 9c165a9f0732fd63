import { parsePath } from "./path";

/** Paths, laid over one another: what is wanted of the names that they begin with. */
export class KeyTree {
  /** Whether a path ends here. */
  isLeaf: bool = false;
  /** What the leaf is called anew; empty when it keeps its name. */
  newName: string = "";
  private children: Map<string, KeyTree> = new Map();

  child(name: string): KeyTree | null {
    return this.children.has(name) ? this.children.get(name) : null;
  }

  add(path: string, field: string, newName: string = ""): void {
    const segments = parsePath(path, field);
    let node: KeyTree = this;
    for (let i = 0; i < segments.length; i++) {
      const name = segments[i].name;
      if (!node.children.has(name)) node.children.set(name, new KeyTree());
      node = node.children.get(name);
    }
    node.isLeaf = true;
    node.newName = newName;
  }
}
