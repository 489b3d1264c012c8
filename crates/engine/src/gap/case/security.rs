//! Cases for HTTP endpoints: who may call them, and what hostile input does.

use super::request::{Request, fields, signs_in};
use super::{Context, Script, listed, sample};
use crate::gap::body::Sink;
use crate::gap::link::Endpoint;
use crate::gap::routes::path::params;
use crate::gap::topic::Topic;

pub fn endpoint(context: &Context<'_, '_>, endpoint: &Endpoint) -> (String, Script) {
    let request = Request::of(endpoint);
    let title = endpoint.title();
    let body = &endpoint.body;
    let topics = &context.risk.topics;
    let mut script = Script::default();
    let mut aims: Vec<String> = Vec::new();
    let params = params(&request.path);
    let signs_in = signs_in(endpoint, &request);
    if signs_in {
        aims.push("gives nothing away about accounts".to_owned());
        signing_in(&request, &mut script);
    } else {
        callers(
            endpoint,
            &request,
            &params,
            topics.contains(&Topic::Admin),
            &mut aims,
            &mut script,
        );
    }
    for sink in &body.sinks {
        let names: Vec<String> = body.inputs.keys().take(4).cloned().collect();
        if names.is_empty() && !body.reads_body {
            continue;
        }
        let into = if names.is_empty() {
            "each field of the body".to_owned()
        } else {
            fields(&names)
        };
        injection(*sink, &request, &into, &mut aims, &mut script);
    }
    if !request.files.is_empty() {
        aims.push("takes no harmful file".to_owned());
        let file = &request.files[0];
        script.check(
            format!(
                "Send {} with a file named `../../evil.sh` in `{file}`",
                request.line()
            ),
            "Refused, or stored under a name of the server's own inside its upload directory.",
        );
        script.check(
            format!(
                "Send {} with an HTML file that says it is image/png in `{file}`",
                request.line()
            ),
            "Refused, or never served as text/html.",
        );
        script.check(
            format!(
                "Send {} with a file over the size limit in `{file}`",
                request.line()
            ),
            "Status 413 or 400; nothing is stored.",
        );
    }
    if body.sinks.is_empty() && !signs_in {
        let texts: Vec<String> = request
            .body
            .iter()
            .chain(&request.query)
            .filter(|name| sample::value(name).is_string())
            .take(3)
            .cloned()
            .collect();
        if !texts.is_empty() {
            aims.push(format!("treats {} as data", fields(&texts)));
            script.check(
                format!(
                    "Send {} with `<script>alert(1)</script>` and then `' OR '1'='1` in {}",
                    request.line(),
                    fields(&texts)
                ),
                "Stored and shown as plain text or refused; no script runs, no other rows appear, never 500.",
            );
        }
    }
    if request.body.len() > 1 && request.method != "GET" && !signs_in {
        script.check(
            format!(
                "{} with the extra members \"role\": \"admin\" and \"id\": 999",
                request.send()
            ),
            "The extra members change nothing.",
        );
    }
    if aims.is_empty() {
        aims.push("gives nobody what is not meant for him".to_owned());
        script.check(
            format!("{} without credentials", request.send()),
            "Only what is meant for everybody is in the answer.",
        );
    }
    (format!("{title} {}", listed(&aims, 3)), script)
}

/// Who may call it: nobody unknown, nobody for what is another's.
fn callers(
    endpoint: &Endpoint,
    request: &Request,
    params: &[String],
    admin: bool,
    aims: &mut Vec<String>,
    script: &mut Script,
) {
    if endpoint.guarded {
        aims.push("refuses callers who are not signed in".to_owned());
        script.check(
            format!("{} without credentials", request.send()),
            "Status 401 or 403, or a redirect to the login page; nothing is read or changed.",
        );
        script.check(
            format!(
                "{} with an expired credential and with one whose signature was changed",
                request.send()
            ),
            "Status 401 both times.",
        );
    } else if request.method != "GET" {
        aims.push("is open only to whom it should be".to_owned());
        script.check(
            format!("{} without credentials", request.send()),
            "No check of who is asking was found in the code: 401 or 403, unless it is meant to be public.",
        );
    }
    if admin {
        aims.push("refuses those who are no administrators".to_owned());
        script.check(
            format!("{} as an ordinary user", request.send()),
            "Status 403, and nothing is read or changed.",
        );
    }
    if !params.is_empty() && !endpoint.guarded && request.method == "GET" {
        aims.push("shows only entries that are public".to_owned());
        script.check(
            format!("Send {} without credentials for an entry that is another user's, and count {} up and down from it", request.line(), fields(params)),
            "Refused, unless such entries are meant to be public.",
        );
    } else if !params.is_empty() {
        aims.push(format!("refuses another user's {}", fields(params)));
        script.check(
            format!(
                "Sign in as user B and send {} with the {} of an entry of user A",
                request.line(),
                fields(params)
            ),
            "Status 403 or 404; user A's entry is neither shown nor changed.",
        );
    }
}

fn signing_in(request: &Request, script: &mut Script) {
    script.check(
        format!("{} for an account that does not exist", request.send()),
        "Refused.",
    );
    script.check(
        format!(
            "Send {} for an existing account with a wrong password",
            request.line()
        ),
        "Status, text and duration are those of the step before.",
    );
    script.check(
        format!(
            "Repeat the wrong password 20 times against {}",
            request.line()
        ),
        "Status 429 or a locked account before the twentieth.",
    );
    script.check(
        format!("Send {} with the right password", request.line()),
        "Accepted; the session has a new id, and its cookie is HttpOnly, Secure and SameSite.",
    );
}

fn injection(
    sink: Sink,
    request: &Request,
    into: &str,
    aims: &mut Vec<String>,
    script: &mut Script,
) {
    let (aim, payload, expected) = match sink {
        Sink::Sql => (
            "keeps input out of its SQL",
            "`' OR '1'='1` and then `'; SELECT pg_sleep(5)--`",
            "Refused or treated as text: no other rows, no delay, never 500.",
        ),
        Sink::Shell => (
            "keeps input out of its command line",
            "`; sleep 5` and then `$(id)`",
            "Refused or treated as text: no delay, and no output of a command.",
        ),
        Sink::Path => (
            "opens no file outside its directory",
            "`../../../../etc/passwd` and then `%2e%2e%2fetc%2fpasswd`",
            "Status 400 or 404; no content of such a file.",
        ),
        Sink::Html => (
            "writes input as text into its page",
            "`<img src=x onerror=alert(1)>`",
            "It is shown as text; no script runs.",
        ),
        Sink::Url => (
            "requests no internal address",
            "`http://169.254.169.254/latest/meta-data/` and then `http://localhost:22/`",
            "Refused; the server sends no such request.",
        ),
    };
    aims.push(aim.to_owned());
    script.check(
        format!("Send {} with {payload} in {into}", request.line()),
        expected,
    );
}
