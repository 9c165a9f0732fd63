/** A real browser, if the machine has one: Debian's `chromium`, or what `CHROMIUM` names. Nothing is downloaded. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));

export const hasBrowser = executablePath !== undefined;

export async function openBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error("there is no browser; set CHROMIUM");
  // Its own sandbox needs rights that a container lacks. It sees pages of ours only.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking"] });
}
