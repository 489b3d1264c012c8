function show(panel) {
  const name = new URLSearchParams(location.search).get("name");
  // ruleid: javascript-dom-xss
  panel.innerHTML = "<b>" + name + "</b>";
  // ruleid: javascript-dom-xss
  document.write(location.hash);
  // ok: javascript-dom-xss
  panel.innerHTML = DOMPurify.sanitize(name);
  // ok: javascript-dom-xss
  panel.textContent = name;
}

// ruleid: javascript-dom-code-injection
eval(location.hash.slice(1));
window.addEventListener("message", (event) => {
  // ruleid: javascript-dom-code-injection
  eval(event.data);
  // ok: javascript-dom-code-injection
  JSON.parse(event.data);
});

function leave() {
  // ruleid: javascript-client-redirect
  window.location = new URLSearchParams(location.search).get("next");
  // ok: javascript-client-redirect
  window.location = "/home?from=" + encodeURIComponent(location.hash);
}

function Comment({ html }) {
  // ruleid: javascript-react-raw-html
  const raw = <div className="a" dangerouslySetInnerHTML={{ __html: html }} />;
  // ok: javascript-react-raw-html
  return <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(html) }} />;
}

function trust(sanitizer, value) {
  // ruleid: javascript-angular-trust
  sanitizer.bypassSecurityTrustHtml(value);
  // ok: javascript-angular-trust
  sanitizer.bypassSecurityTrustHtml("<b>fixed</b>");
}

// ruleid: javascript-postmessage-any-origin
frame.contentWindow.postMessage({ token }, "*");
// ok: javascript-postmessage-any-origin
frame.contentWindow.postMessage({ token }, "https://app.example.com");

// ruleid: javascript-electron-unsafe-window
const open = new BrowserWindow({ width: 800, webPreferences: { nodeIntegration: true } });
// ok: javascript-electron-unsafe-window
const shut = new BrowserWindow({ width: 800, webPreferences: { contextIsolation: true } });
