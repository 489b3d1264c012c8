// One job: how far it came, what it ran, what it generated.

import { ask, badge, el, pathOf, verdictWords, when, words } from "./dom.js";

const STAGES = [
  ["accepted", "Accepted"],
  ["crawling", "Crawl"],
  ["generating", "Generate"],
  ["executing", "Execute"],
  ["scoring", "Score"],
  ["callback_pending", "Callback"],
];
const DELIVERED = STAGES.length - 1;

export const seconds = (number) => `${number.toFixed(1)} s`;
const fact = (name, ...value) => el("div", {}, el("dt", {}, name), el("dd", {}, ...value));
const heads = (...names) => el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, name))));

/** Everything that is known of a job. */
export function jobCards(report) {
  return [
    summary(report),
    ...report.executions.map(execution),
    ...report.scripts.flatMap((script) => [source(script), script.quality && quality(script.quality)]).filter(Boolean),
  ];
}

function summary(report) {
  const { job, crawl } = report;
  return el(
    "section",
    { class: "card" },
    el("div", { class: "title" }, el("h1", {}, pathOf(job.url)), badge(...verdictWords(report.verdict))),
    el("p", { class: "muted" }, "Job ", el("span", { class: "mono" }, job.id), ` · accepted ${when(job.id)}`),
    stages(report),
    job.error_message && el("p", { class: "fault" }, job.error_message),
    el(
      "dl",
      { class: "facts" },
      fact("Quality", job.quality_score === null ? "–" : `${job.quality_score} of 100`),
      fact("Duration", el("span", { id: "duration" }, seconds(job.duration_seconds))),
      fact("Pages crawled", String(crawl.pages_crawled)),
      fact("Tests generated", String(job.tests_generated)),
      fact("Callback", callbackState(job.status)),
    ),
  );
}

function callbackState(status) {
  const states = { callback_sent: "sent", callback_failed: "not delivered", callback_pending: "on its way" };
  return states[status] || "not yet";
}

function stages(report) {
  const states = stageStates(report);
  const item = ([, name], index) =>
    el("li", { class: states[index], "aria-current": states[index] === "now" ? "step" : undefined }, name);
  return el("ol", { class: "stages", "aria-label": "Stages of the job" }, STAGES.map(item));
}

/** For each stage: done, now, stopped, or nothing where it was not walked. */
function stageStates({ job, crawl, scripts, executions }) {
  const under = STAGES.findIndex(([status]) => status === job.status);
  const at = under < 0 ? DELIVERED : under;
  // Where an error ended the job, if one did.
  const stop = !job.error_message ? -1 : crawl.status !== "completed" ? 1 : !scripts.length ? 2 : 3;
  const walked = (index) => {
    if (stop >= 0) return index < stop;
    return index !== 3 || executions.length > 0 || at <= 3;
  };
  return STAGES.map((_, index) => {
    if (index === stop) return "stopped";
    if (index === DELIVERED) {
      return { callback_sent: "done", callback_failed: "stopped", callback_pending: "now" }[job.status] || "";
    }
    if (index === at) return "now";
    return index < at && walked(index) ? "done" : "";
  });
}

function execution(run) {
  const media = el("div", { class: "media" });
  const logs = el("div", {});
  const card = el(
    "section",
    { class: "card" },
    el(
      "header",
      {},
      el("h2", {}, "Execution"),
      badge(...verdictWords(run.status)),
      el("span", { class: "muted" }, [seconds(run.duration / 1000), run.browser].filter(Boolean).join(" · ")),
    ),
    run.error_message && el("pre", { class: "fault mono", tabindex: "0" }, run.error_message),
    media,
    logs,
  );
  if (run.execution_id) {
    fillMedia(media, run.execution_id);
    fillLogs(logs, run.execution_id);
  }
  return card;
}

/** Links to artifacts expire; one that did is asked for once more. */
async function fillMedia(media, id, retry = true) {
  const { screenshot, video } = await ask(`/executions/${id}/artifacts`).catch(() => ({}));
  const onerror = () => retry && fillMedia(media, id, false);
  const figures = [];
  if (video) {
    figures.push(
      el(
        "figure",
        {},
        el("video", { src: video, controls: true, preload: "metadata", "aria-label": "Recording of the test", onerror }),
        el("figcaption", {}, "Recording"),
      ),
    );
  }
  if (screenshot) {
    const image = el("img", { src: screenshot, alt: "The page at the end of the test", onerror });
    figures.push(
      el(
        "figure",
        {},
        el("a", { href: screenshot, target: "_blank", rel: "noreferrer" }, image),
        el("figcaption", {}, "At the end of the test"),
      ),
    );
  }
  media.replaceChildren(...figures);
}

async function fillLogs(target, id) {
  const logs = await ask(`/executions/${id}/logs`).catch(() => undefined);
  if (!logs) return;
  const colour = (type) => (type === "error" ? "bad" : type.startsWith("warn") ? "wait" : "");
  const line = ({ type, message }) => el("li", { class: colour(type) }, el("span", {}, type), el("span", {}, message));
  if (logs.test_output) {
    const output = el("pre", { class: "log", tabindex: "0" }, logs.test_output);
    target.append(el("details", {}, el("summary", {}, "Test output"), output));
  }
  if (logs.console_logs.length) {
    const lines = el("ul", { class: "console", tabindex: "0" }, logs.console_logs.map(line));
    target.append(el("details", {}, el("summary", {}, `Browser console (${logs.console_logs.length})`), lines));
  }
}

function source(script) {
  const name = `${script.name}.spec.ts`;
  const code = el("code", {}, ...highlighted(script.source || ""));
  const copy = el("button", { class: "quiet", type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(script.source);
      copy.textContent = "Copied";
    } catch {
      // Without TLS a browser has no clipboard for pages: select it instead.
      getSelection().selectAllChildren(code);
      copy.textContent = "Selected";
    }
    setTimeout(() => (copy.textContent = "Copy"), 2000);
  });
  return el(
    "section",
    { class: "card" },
    el("header", {}, el("h2", {}, script.title || name), el("span", { class: "muted mono" }, name), script.source && copy),
    script.source && el("pre", { tabindex: "0", "aria-label": `Source of ${name}` }, code),
  );
}

/** TypeScript, coloured as far as a glance needs it. */
function* highlighted(text) {
  const token =
    /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\b(import|from|const|let|async|await|function|return|if|else|for|of|new|true|false|null)\b/g;
  let end = 0;
  for (const match of text.matchAll(token)) {
    yield text.slice(end, match.index);
    yield el("span", { class: match[1] ? "t-comment" : match[2] ? "t-string" : "t-key" }, match[0]);
    end = match.index + match[0].length;
  }
  yield text.slice(end);
}

function quality({ score, criteria }) {
  const bar = ({ points, of }) =>
    el("meter", { min: 0, max: of, value: points, low: of * 0.45, high: of * 0.8, optimum: of });
  const row = (criterion) =>
    el(
      "tr",
      {},
      el("td", {}, criterion.name),
      el("td", {}, bar(criterion)),
      el("td", { class: "number" }, `${criterion.points} of ${criterion.of}`),
      el("td", {}, criterion.why),
    );
  return el(
    "section",
    { class: "card" },
    el("header", {}, el("h2", {}, "Quality"), badge(`${score} of 100`, score >= 80 ? "good" : score >= 45 ? "wait" : "bad")),
    el("table", {}, heads("Criterion", "Share", "Points", "Why"), el("tbody", {}, criteria.map(row))),
  );
}

/** The project's test cases, as a card. */
export function testCases(cases) {
  const row = (one) =>
    el(
      "tr",
      {},
      el("td", { class: "number" }, String(one.priority)),
      el(
        "td",
        {},
        el(
          "details",
          {},
          el("summary", {}, one.title),
          one.description && el("p", {}, one.description),
          one.steps && el("p", { class: "steps" }, one.steps),
          one.expected_results && el("p", {}, el("strong", {}, "Expected: "), one.expected_results),
        ),
      ),
      el("td", {}, one.category),
      el("td", { class: "muted" }, one.tags.join(", ")),
    );
  return el(
    "section",
    { class: "card" },
    el("header", {}, el("h2", {}, "Test cases of the project"), badge(String(cases.length))),
    el("table", {}, heads("Priority", "Test case", "Category", "Tags"), el("tbody", {}, cases.map(row))),
  );
}
