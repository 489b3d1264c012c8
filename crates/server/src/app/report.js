// The report app: the key, where we are, and which jobs there are.

import { $, Refused, ask, el, key, pathOf, verdictWords, when, words } from "./dom.js";
import { jobCards, seconds, testCases } from "./job.js";

const POLL = 2000;
const ENDED = ["callback_sent", "callback_failed", "failed"];

let timer = 0;
let turn = 0;

// ---- where we are: #/projects/137 or #/projects/137/jobs/pwj_...

function place() {
  const match = location.hash.match(/^#\/projects\/(\d+)(?:\/jobs\/([A-Za-z0-9_]+))?$/);
  return match ? { project: Number(match[1]), job: match[2] } : {};
}

const link = (project, job) => `#/projects/${project}${job ? `/jobs/${job}` : ""}`;

async function show() {
  clearTimeout(timer);
  const mine = ++turn;
  const known = Boolean(key.get());
  $("gate").hidden = known;
  $("desk").hidden = !known;
  $("leave").hidden = !known;
  if (!known) {
    document.title = "QualityMax reports";
    $("key").focus();
    return;
  }
  try {
    const projects = await ask("/projects");
    const here = place();
    const project = projects.find((one) => one.id === here.project) || (here.project ? undefined : projects.at(-1));
    const jobs = project ? await ask(`/projects/${project.id}/jobs`) : [];
    const cases = project ? await ask(`/projects/${project.id}/test-cases`) : [];
    const job = here.job || jobs[0]?.id;
    const report = project && job ? await ask(`/jobs/${job}/report`) : undefined;
    if (mine !== turn) return;
    $("notice").hidden = true;
    drawJobs(projects, project, jobs, job);
    drawReport(project, report, cases);
    const open = [...jobs, ...(report ? [report.job] : [])].filter(({ status }) => !ENDED.includes(status));
    // A callback that is not taken is tried for hours.
    const worked = open.some(({ status }) => status !== "callback_pending");
    if (open.length) again(mine, worked ? POLL : 5 * POLL);
  } catch (error) {
    if (mine === turn) fail(error, mine);
  }
}

function again(mine, wait) {
  timer = setTimeout(() => mine === turn && show(), wait);
}

function fail(error, mine) {
  if (error instanceof Refused && error.status === 401) {
    key.forget();
    show();
    $("key-error").textContent = error.message;
  } else if (error instanceof Refused && error.status < 500 && error.status !== 429) {
    $("report").replaceChildren(el("p", { class: "empty" }, error.message));
    shown = undefined;
  } else {
    const reason = error instanceof Refused ? error.message : "The server can't be reached.";
    $("notice").textContent = `${reason} Trying again.`;
    $("notice").hidden = false;
    again(mine, 5000);
  }
}

// ---- projects and jobs

let listed;

function drawJobs(projects, project, jobs, current) {
  const lines = jobs.map((job) => ({ ...job, duration_seconds: 0 }));
  const state = JSON.stringify([projects, project, lines, current]);
  if (state === listed) return;
  listed = state;
  const option = (one) => el("option", { value: one.id, selected: one.id === project?.id }, one.name);
  const choice = el(
    "select",
    { id: "project", onchange: (event) => (location.hash = link(event.target.value)) },
    !project && el("option", { value: "", selected: true }, "Choose a project"),
    projects.map(option),
  );
  const line = (job) => {
    const [verdict, colour] = verdictWords(job.verdict);
    const ended = ENDED.includes(job.status);
    // The verdict stands before a receiver has taken it.
    const judged = job.status === "callback_pending";
    const state = ended ? verdict : judged ? `${verdict} · ${words(job.status)}` : words(job.status);
    return el(
      "li",
      {},
      el(
        "a",
        { href: link(project.id, job.id), "aria-current": job.id === current && "page" },
        el("span", { class: `dot ${colour}`, "aria-hidden": "true" }),
        el("span", {}, when(job.id)),
        el("span", { class: "muted", title: "Quality score" }, String(job.quality_score ?? "")),
        el("small", {}, `${state} · ${pathOf(job.url)}`),
      ),
    );
  };
  $("jobs").replaceChildren(
    ...(projects.length ? [el("label", { for: "project" }, "Project"), choice] : []),
    el("ol", {}, jobs.map(line)),
  );
}

let shown;

function drawReport(project, report, cases) {
  const settled = report && { ...report, job: { ...report.job, duration_seconds: 0 } };
  const state = JSON.stringify([project, settled, cases]);
  if (state === shown) {
    // What plays or was opened stays as it is.
    if (report) $("duration").textContent = seconds(report.job.duration_seconds);
    return;
  }
  shown = state;
  const target = $("report");
  const same = report && target.dataset.job === report.job.id;
  target.dataset.job = report?.job.id || "";
  document.title = "QualityMax reports";
  if (report) {
    const [verdict] = verdictWords(report.verdict);
    document.title = `${verdict} · ${pathOf(report.job.url)} · QualityMax`;
    if (same) $("spoken").textContent = `${words(report.job.status)}, ${verdict}`;
  }
  const nothing = project
    ? "No jobs in this project yet."
    : place().project
      ? "There is no such project of yours."
      : "Nothing was tested yet. Send a webhook, and its report appears here.";
  target.replaceChildren(
    ...(report ? jobCards(report) : [el("p", { class: "empty" }, nothing)]),
    ...(cases.length ? [testCases(cases)] : []),
  );
}

// ---- the key

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key.set($("key").value.trim());
  $("key").value = "";
  $("key-error").textContent = "";
  show();
});

$("leave").addEventListener("click", () => {
  key.forget();
  listed = shown = undefined;
  $("jobs").replaceChildren();
  $("report").replaceChildren();
  show();
});

addEventListener("hashchange", () => {
  show();
  $("main").focus();
});
show();
