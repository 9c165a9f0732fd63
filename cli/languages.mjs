/** The languages that `acr` has a template and a compiler command for. A part is of the language whose source file its folder holds. */
import { compileAssemblyScript } from "./compile-assemblyscript.mjs";
import { compileC, compileRust, compileTinyGo } from "./compile-native.mjs";

export const LANGUAGES = {
  assemblyscript: { source: "index.ts", compile: compileAssemblyScript },
  rust: { source: "main.rs", compile: compileRust },
  c: { source: "main.c", compile: compileC },
  tinygo: { source: "main.go", compile: compileTinyGo },
};
