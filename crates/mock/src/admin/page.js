// Everything shown came from requests, so it is set as text and never as markup.
const $ = (id) => document.getElementById(id);
const SHOWN = 100;

async function ask(path, method = 'GET', body) {
  const answer = await fetch(`/_mock/${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

function cell(content, bad = false) {
  const td = document.createElement('td');
  td.append(content ?? '');
  td.classList.toggle('bad', bad);
  return td;
}

function details(summary, value) {
  const [box, head, text] = ['details', 'summary', 'pre'].map((name) => document.createElement(name));
  head.textContent = summary;
  text.textContent = JSON.stringify(value, null, 2);
  box.append(head, text);
  return box;
}

// Rows that are the same stay, so that what somebody opened stays open.
function fill(table, items, key, cells) {
  const body = $(table).tBodies[0];
  const before = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const rows = items.slice(-SHOWN).reverse().map((item) => {
    const version = JSON.stringify(item);
    const known = before.get(String(key(item)));
    if (known?.version === version) return known;
    const row = document.createElement('tr');
    row.dataset.key = key(item);
    row.version = version;
    row.append(...cells(item));
    return row;
  });
  body.replaceChildren(...rows);
}

function replay(job) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Send again';
  button.addEventListener('click', () => command(`callbacks/${job}/replay`, 'POST'));
  return button;
}

async function show() {
  const [status, jobs, callbacks, requests] = await Promise.all(
    ['status', 'jobs', 'callbacks', `requests?limit=${SHOWN}`].map((path) => ask(path)),
  );
  $('scenario').value = status.scenario;
  const faults = status.faults.map((it) => (it.rate === null ? it.fault : `${it.fault}:${it.rate}`));
  $('state').textContent = [status.idle ? 'idle' : 'working', ...faults].join(', ');
  fill('jobs', jobs, (job) => job.id, (job) => [
    cell(job.id), cell(job.partner), cell(job.scenario), cell(job.status, job.status === 'callback_failed'),
    cell(job.result, job.result !== 'passed'), cell(job.url),
  ]);
  fill('callbacks', callbacks, (callback) => callback.job_id, (callback) => [
    cell(callback.job_id),
    cell(details(callback.url, callback.body)),
    cell(callback.status, callback.status === 'failed'),
    cell(callback.attempts.map((it) => it.status ?? it.error ?? '…').join(', ')),
    cell(callback.body ? replay(callback.job_id) : ''),
  ]);
  fill('requests', requests, (request) => request.number, (request) => [
    cell(request.number),
    cell(details(`${request.method} ${request.path}`, { headers: request.headers, body: request.body, answer: request.answer })),
    cell(request.partner), cell(request.scenario), cell(request.fault, true),
    cell(request.status, request.status >= 400),
  ]);
}

// `fetch` throws a TypeError where nobody answers.
function complain(error) {
  $('state').textContent = error instanceof TypeError ? 'the mock has stopped' : error.message;
}

function command(...asked) {
  ask(...asked).catch(complain);
}

// One look at a time, and one more for what happened meanwhile.
let looking = false;
let again = false;
async function look() {
  if (looking) { again = true; return; }
  looking = true;
  try {
    await show();
  } catch (error) {
    complain(error);
  }
  looking = false;
  if (again) { again = false; setTimeout(look, 50); }
}

for (const name of Object.keys(await ask('scenarios'))) $('scenario').add(new Option(name));
$('scenario').addEventListener('change', () => command('scenario', 'PUT', { name: $('scenario').value }));
$('reset').addEventListener('click', () => command('reset', 'POST'));
const events = new EventSource('/_mock/events');
events.onmessage = look;
// Jobs walk their states by the clock, without an event for each.
setInterval(look, 1000);
