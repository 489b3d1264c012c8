import * as child_process from "child_process";
import * as crypto from "crypto";
import * as fs from "fs";
import * as jwt from "jsonwebtoken";
import libxmljs from "libxmljs";

async function report(table: string, file: string): Promise<void> {
  // ruleid: javascript-sql-string-building
  await db.query(`SELECT * FROM ${table} WHERE day > 1`);
  // ok: javascript-sql-string-building
  await db.query("SELECT a FROM t " + "WHERE day > 1");
  // ruleid: javascript-shell-string-building
  child_process.execSync(`tar czf out.tgz ${file}`);
  // ok: javascript-shell-string-building
  child_process.execFileSync("tar", ["czf", "out.tgz", file]);
}

function parse(document: string) {
  // ruleid: javascript-xxe
  libxmljs.parseXml(document, { noent: true });
  // ok: javascript-xxe
  libxmljs.parseXml(document, { noblanks: true });
}

function digest(data: string, password: string) {
  // ruleid: javascript-weak-hash
  crypto.createHash("md5");
  // ok: javascript-weak-hash
  const etag = crypto.createHash("sha1").update(data).digest("base64");
  // ok: javascript-weak-hash
  crypto.createHash("sha256").update(data);
  // ruleid: javascript-weak-password-hash
  crypto.createHash("sha256").update(password);
  // ok: javascript-weak-password-hash
  crypto.scryptSync(password, crypto.randomBytes(16), 64);
}

function encrypt(key: Buffer, iv: Buffer) {
  // ruleid: javascript-weak-cipher
  crypto.createCipheriv("des-ede3-cbc", key, iv);
  // ruleid: javascript-weak-cipher
  crypto.createCipheriv("aes-128-ecb", key, null);
  // ok: javascript-weak-cipher
  crypto.createCipheriv("aes-256-gcm", key, iv);
  // ruleid: javascript-weak-key-size
  crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });
  // ok: javascript-weak-key-size
  crypto.generateKeyPairSync("rsa", { modulusLength: 3072 });
}

// ruleid: javascript-insecure-random
const sessionId = Math.random().toString(36).slice(2);
// ok: javascript-insecure-random
const sessionKey = crypto.randomUUID();
// ok: javascript-insecure-random
const angle = Math.random() * 360;

// ruleid: javascript-hardcoded-secret
const dbPassword = "hunter2-and-more";
// ruleid: javascript-hardcoded-secret
const options = { host: "db", password: "s3cr3t-p4ss!" };
// ok: javascript-hardcoded-secret
const apiKey = process.env.API_KEY;
// ok: javascript-hardcoded-secret
const password = "your-password-here";

// ruleid: javascript-session-hardcoded-secret
app.use(session({ secret: "keyboard cat", resave: false }));
// ok: javascript-session-hardcoded-secret
app.use(session({ secret: process.env.SESSION_SECRET, resave: false }));

// ruleid: javascript-tls-verification-off
const agent = new https.Agent({ rejectUnauthorized: false });
// ok: javascript-tls-verification-off
const checked = new https.Agent({ ca: fs.readFileSync("ca.pem") });
// ruleid: javascript-weak-tls-version
const old = tls.createServer({ minVersion: "TLSv1" });
// ok: javascript-weak-tls-version
const fresh = tls.createServer({ minVersion: "TLSv1.2" });

function claims(token: string, key: string) {
  // ruleid: javascript-jwt-unverified
  jwt.verify(token, key, { algorithms: ["HS256", "none"] });
  // ruleid: javascript-jwt-hardcoded-secret
  jwt.sign({ sub: 1 }, "not-so-secret");
  // ok: javascript-jwt-unverified, javascript-jwt-hardcoded-secret
  jwt.verify(token, key, { algorithms: ["HS256"] });
}

app.get("/me", (req, res) => {
  // ruleid: javascript-jwt-unverified
  const user = jwt.decode(req.headers.authorization);
});

// ruleid: javascript-debug-error-handler
app.use(errorhandler());
if (process.env.NODE_ENV === "development") {
  // ok: javascript-debug-error-handler
  app.use(errorhandler());
}

function answer(res: Response, value: string) {
  // ruleid: javascript-insecure-cookie
  res.cookie("session", value, { httpOnly: false });
  // ok: javascript-insecure-cookie
  res.cookie("session", value, { httpOnly: true, secure: true });
}

// ruleid: javascript-csrf-disabled
app.use(csurf({ ignoreMethods: ["GET", "POST"] }));
// ok: javascript-csrf-disabled
app.use(csurf({ ignoreMethods: ["GET", "HEAD"] }));

// ruleid: javascript-cors-any-origin
app.use(cors({ origin: true, credentials: true }));
// ok: javascript-cors-any-origin
app.use(cors({ origin: "https://app.example.com", credentials: true }));

// ruleid: javascript-security-headers-off
app.use(helmet({ contentSecurityPolicy: false }));
// ok: javascript-security-headers-off
app.use(helmet());

function share(file: string) {
  // ruleid: javascript-world-writable
  fs.chmodSync(file, 0o777);
  // ok: javascript-world-writable
  fs.chmodSync(file, 0o640);
}
