const { exec, execFile, spawn } = require("child_process");
const _ = require("lodash");
const ejs = require("ejs");
const fs = require("fs");
const path = require("path");
const serialize = require("node-serialize");
const xpath = require("xpath");

app.get("/users", async (req, res) => {
  const name = req.query.name;
  // ruleid: javascript-sql-injection, javascript-sql-string-building
  await db.query("SELECT * FROM users WHERE name = '" + name + "'");
  const sql = `SELECT * FROM users WHERE name = '${name}'`;
  // ruleid: javascript-sql-injection
  await pool.execute(sql);
  // ruleid: javascript-sql-injection
  await prisma.$queryRawUnsafe("SELECT * FROM users WHERE name = " + name);
  // ok: javascript-sql-injection, javascript-sql-string-building
  await db.query("SELECT * FROM users WHERE name = ?", [name]);
  // ok: javascript-sql-injection
  await db.query("SELECT * FROM users LIMIT ?" , [parseInt(req.query.limit, 10)]);
});

app.post("/ping", (req, res) => {
  // ruleid: javascript-command-injection, javascript-shell-string-building
  exec("ping -c 1 " + req.body.host);
  // ruleid: javascript-command-injection
  spawn("sh", ["-c", req.body.command]);
  // ok: javascript-command-injection
  execFile("ping", ["-c", "1", req.body.host]);
});

app.post("/calc", (req, res) => {
  // ruleid: javascript-code-injection
  const total = eval(req.body.expression);
  // ruleid: javascript-code-injection
  const fn = new Function("x", req.body.code);
  // ok: javascript-code-injection
  const data = JSON.parse(req.body.data);
});

app.post("/render", (req, res) => {
  // ruleid: javascript-template-injection
  const page = ejs.render(req.body.template, {});
  // ok: javascript-template-injection
  const safe = ejs.render("<p><%= name %></p>", { name: req.body.name });
});

app.post("/state", (req, res) => {
  // ruleid: javascript-unsafe-deserialization
  const state = serialize.unserialize(req.cookies.state);
  // ok: javascript-unsafe-deserialization
  const safe = JSON.parse(req.cookies.state);
});

app.post("/login", async (req, res) => {
  // ruleid: javascript-nosql-injection
  await User.findOne({ name: req.body.name, password: req.body.password });
  // ok: javascript-nosql-injection
  await User.findOne({ name: String(req.body.name) });
  // ok: javascript-nosql-injection
  await UserModel.findOne({ where: { id: req.body.id } });
  // ok: javascript-nosql-injection
  const one = users.find((user) => user.name === req.body.name);
});

app.get("/file", (req, res) => {
  // ruleid: javascript-path-traversal
  fs.readFileSync("/srv/files/" + req.query.name);
  // ruleid: javascript-path-traversal
  res.sendFile(path.join("/srv/files", req.params.name));
  // ok: javascript-path-traversal
  fs.readFileSync(path.join("/srv/files", path.basename(req.query.name)));
  // ok: javascript-path-traversal
  res.sendFile(req.params.name, { root: "/srv/files" });
  // ruleid: javascript-path-traversal
  res.download("/srv/files/" + req.params.name, (error) => next(error));
  // ok: javascript-path-traversal
  res.download(req.params.name, { root: "/srv/files" }, (error) => next(error));
});

app.get("/proxy", async (req, res) => {
  // ruleid: javascript-ssrf
  await fetch(req.query.url);
  // ruleid: javascript-ssrf
  await axios.get(`http://${req.query.host}/status`);
  // ok: javascript-ssrf
  await fetch("https://api.example.com/items/" + encodeURIComponent(req.query.id));
});

app.get("/hello", (req, res) => {
  // ruleid: javascript-reflected-xss
  res.send("<h1>Hello " + req.query.name + "</h1>");
  // ok: javascript-reflected-xss
  res.send("<h1>Hello " + escapeHtml(req.query.name) + "</h1>");
  // ok: javascript-reflected-xss
  res.send(users[req.params.id]);
  // ok: javascript-reflected-xss
  res.json({ name: req.query.name });
});

app.get("/leave", (req, res) => {
  // ruleid: javascript-open-redirect
  res.redirect(req.query.next);
  // ok: javascript-open-redirect
  res.redirect("/home");
  // ok: javascript-open-redirect
  res.redirect("/user/" + req.params.id);
  // ok: javascript-open-redirect
  res.redirect(req.get('Referrer') || '/');
});

app.get("/people", (req, res) => {
  // ruleid: javascript-xpath-injection
  xpath.select("//user[@name='" + req.query.name + "']", doc);
  // ok: javascript-xpath-injection
  xpath.select("//user", doc);
  // ruleid: javascript-ldap-injection
  ldapClient.search("dc=example", { filter: `(uid=${req.query.name})` }, done);
  // ok: javascript-ldap-injection
  ldapClient.search("dc=example", { filter: new EqualityFilter({ attribute: "uid", value: req.query.name }) }, done);
});

app.put("/settings", (req, res) => {
  // ruleid: javascript-prototype-pollution
  _.merge(settings, req.body);
  // ok: javascript-prototype-pollution
  _.merge(settings, _.pick(req.body, ["theme"]));
  // ruleid: javascript-regexp-injection
  const found = names.filter((name) => new RegExp(req.query.q).test(name));
  // ok: javascript-regexp-injection
  const safe = new RegExp(_.escapeRegExp(req.query.q));
});

const storage = multer.diskStorage({
  filename: (req, file, cb) => {
    // ruleid: javascript-unsafe-upload
    cb(null, file.originalname);
    // ok: javascript-unsafe-upload
    cb(null, crypto.randomUUID() + path.extname(file.originalname));
  },
});
