/** The languages that `acr` has a template and a compiler command for. A part is of the language whose source file its folder holds. */
import { compileAssemblyScript } from "./compile-assemblyscript.mjs";
import { compileJavaScript } from "./compile-javascript.mjs";
import { compileC, compileRust, compileTinyGo } from "./compile-native.mjs";

export const LANGUAGES = {
  assemblyscript: { sources: ["index.ts"], target: "part.wasm", compile: compileAssemblyScript },
  rust: { sources: ["main.rs"], target: "part.wasm", compile: compileRust },
  c: { sources: ["main.c"], target: "part.wasm", compile: compileC },
  tinygo: { sources: ["main.go"], target: "part.wasm", compile: compileTinyGo },
  javascript: { sources: ["main.js", "main.ts"], target: "part.js", compile: compileJavaScript },
};
