// Stands around a generated spec while it runs: the spec itself stays as plain
// as it was written, and what the page says to its console is kept. The engine
// adds the line that loads the spec.

import { appendFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "@playwright/test";

const FILE = join(__dirname, "console.jsonl");
const MOST = 300;
let noted = 0;

function note(type: string, message: string) {
  if (noted >= MOST) return;
  noted += 1;
  appendFileSync(FILE, `${JSON.stringify({ type, message: message.slice(0, 1000) })}\n`);
}

test.beforeEach(({ page }) => {
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame() && frame.url() !== "about:blank") note("info", `Navigation to ${frame.url()}`);
  });
  page.on("console", (message) => note(message.type(), message.text()));
  page.on("pageerror", (error) => note("error", String(error?.message ?? error)));
});

