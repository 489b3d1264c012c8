// The browser worker: JSON lines in on stdin, JSON lines out on stdout.
//
//   in   {"id": 1, "session": 7, "do": "goto", "with": {...}}
//   out  {"id": 1, "ok": ...}  or  {"id": 1, "error": {"kind": "...", "message": "..."}}
//
// Commands of one session run one after the other, sessions side by side. When
// stdin ends, because the engine is gone, the worker ends and takes its
// browsers with it.

import { createInterface } from "node:readline";

import { Browsers } from "./browsers.mjs";
import { Failure } from "./failure.mjs";
import { Session } from "./session.mjs";

const write = process.stdout.write.bind(process.stdout);
// Stdout speaks the protocol and nothing else.
console.log = console.info = console.debug = console.error;

const browsers = new Browsers(process.argv[2]);
/** @type {Map<number, { session: Session, last: Promise<unknown> }>} */
const sessions = new Map();

const COMMANDS = new Set(["goto", "facts", "act", "check", "count", "reset"]);

function answer(id, reply) {
  write(`${JSON.stringify({ id, ...reply })}\n`);
}

/** @param {{ id: number, session: number, do: string, with: any }} request */
async function handle(request) {
  const open = sessions.get(request.session);
  if (request.do === "open") {
    const session = new Session(browsers, request.with);
    await session.reset();
    sessions.set(request.session, { session, last: Promise.resolve() });
    return null;
  }
  if (!open) throw new Failure("worker", `there is no session ${request.session}`);
  if (request.do === "close") {
    sessions.delete(request.session);
    return open.session.close();
  }
  if (!COMMANDS.has(request.do)) throw new Failure("worker", `there is no command ${request.do}`);
  const done = open.last.then(() => open.session[request.do](request.with));
  open.last = done.catch(() => {});
  return done;
}

const input = createInterface({ input: process.stdin, crlfDelay: Infinity });
input.on("line", async (line) => {
  let request;
  try {
    request = JSON.parse(line);
  } catch {
    return; // Half a line, as the engine was killed while writing it.
  }
  const { session } = sessions.get(request.session) ?? {};
  const scrub = (value) => (session ? session.scrub(value) : value);
  try {
    const ok = (await handle(request)) ?? null;
    answer(request.id, { ok: scrub(ok) });
  } catch (error) {
    const { kind, message } = Failure.from(error);
    answer(request.id, { error: { kind, message: scrub(message) } });
  }
});
// Playwright kills its browsers on exit, and a browser whose pipe closes ends by itself.
input.on("close", () => process.exit(0));
process.on("unhandledRejection", (error) => console.error("unhandled:", error));
