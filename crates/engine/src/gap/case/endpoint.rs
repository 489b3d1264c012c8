//! Cases for HTTP endpoints.

use super::{Context, Script, listed, sample};
use crate::gap::body::{From, Sink};
use crate::gap::link::Endpoint;
use crate::gap::risk::Topic;
use crate::gap::routes::path::{Segment, example, params, segments};

/// An endpoint as a tester calls it.
struct Request {
    method: String,
    /// With values for its parameters, and its query.
    target: String,
    body: Vec<String>,
    files: Vec<String>,
    query: Vec<String>,
    path: String,
}

impl Request {
    fn of(endpoint: &Endpoint) -> Self {
        let method = match endpoint.method.as_str() {
            "ANY" if endpoint.body.reads_body => "POST",
            "ANY" => "GET",
            method => method,
        };
        let sends = !matches!(method, "GET" | "HEAD" | "DELETE");
        let query = sample::names(&endpoint.body, From::Query);
        Self {
            method: method.to_owned(),
            target: format!("{}{}", example(&endpoint.path), sample::query(&query)),
            body: if sends {
                sample::names(&endpoint.body, From::Body)
            } else {
                Vec::new()
            },
            files: sample::names(&endpoint.body, From::File),
            query,
            path: endpoint.path.clone(),
        }
    }

    fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    fn send(&self) -> String {
        if !self.files.is_empty() {
            format!(
                "Send {} as multipart form with a small file in `{}`{}",
                self.line(),
                self.files[0],
                if self.body.is_empty() {
                    String::new()
                } else {
                    format!(" and {}", fields(&self.body))
                }
            )
        } else if self.body.is_empty() {
            format!("Send {}", self.line())
        } else {
            format!(
                "Send {} with {}",
                self.line(),
                sample::json_body(&self.body, None)
            )
        }
    }
}

fn fields(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    listed(&quoted, 5)
}

/// What the last fixed part of a path is: `payments` of `/api/payments`, `ban`
/// of `/users/:id/ban`.
fn resource(path: &str) -> String {
    segments(path)
        .into_iter()
        .rev()
        .find_map(|segment| match segment {
            Segment::Literal(literal) => Some(literal),
            _ => None,
        })
        .unwrap_or_else(|| "the root".to_owned())
}

/// What the entry is that a path's last parameter names: `users` of both
/// `/users/:id` and `/users/:id/ban`.
fn owner(path: &str) -> String {
    let segments = segments(path);
    let last = segments
        .iter()
        .rposition(|segment| matches!(segment, Segment::Param(_)))
        .unwrap_or(segments.len());
    segments[..last]
        .iter()
        .rev()
        .find_map(|segment| match segment {
            Segment::Literal(literal) => Some(literal.clone()),
            _ => None,
        })
        .unwrap_or_else(|| resource(path))
}

/// Whether a path ends with one of these words.
fn ends_with(path: &str, words: &[&str]) -> bool {
    let last = resource(path).to_lowercase();
    words.contains(&last.as_str())
}

fn signs_in(endpoint: &Endpoint, request: &Request) -> bool {
    request.method == "POST"
        && ends_with(
            &endpoint.path,
            &[
                "login",
                "signin",
                "sign_in",
                "sign-in",
                "session",
                "sessions",
                "token",
                "authenticate",
                "auth",
            ],
        )
}

fn signs_out(endpoint: &Endpoint, request: &Request) -> bool {
    request.method != "GET"
        && ends_with(
            &endpoint.path,
            &["logout", "signout", "sign_out", "sign-out"],
        )
        || request.method == "DELETE" && ends_with(&endpoint.path, &["session", "sessions"])
}

pub fn integration(context: &Context<'_, '_>, endpoint: &Endpoint) -> (String, Script) {
    let request = Request::of(endpoint);
    let title = endpoint.title();
    let params = params(&endpoint.path);
    let mut script = Script::default();
    if signs_out(endpoint, &request) {
        script.step("Sign in and keep the session's cookie or token");
        script.check(request.send(), "A 2xx answer or a redirect.");
        script.check(
            "Use the kept cookie or token for a request that needs a session",
            "Status 401 or a redirect to the login page: the session is over on the server too.",
        );
        return (format!("{title} ends the session"), script);
    }
    if signs_in(endpoint, &request) {
        let into = endpoint.body.redirects.first().map_or_else(
            || "A 2xx answer".to_owned(),
            |target| format!("A redirect to {target}"),
        );
        script.step("Create an account");
        script.check(
            format!("{} with the account's values", request.send()),
            format!("{into}; the session or token it gives is accepted by the next request."),
        );
        for name in request.body.iter().take(3) {
            script.check(
                format!("Send {} with another value for `{name}`", request.line()),
                "Refused; no session begins.",
            );
            script.check(
                format!("Send {} without `{name}`", request.line()),
                "A 4xx answer, never 500; no session begins.",
            );
        }
        let with = if request.body.is_empty() {
            "the right credentials".to_owned()
        } else {
            fields(&request.body)
        };
        return (format!("{title} begins a session for {with}"), script);
    }
    if endpoint.guarded {
        script.step(format!("Sign in as a user who may call {title}"));
    }
    let says = match request.method.as_str() {
        "GET" | "HEAD" if params.is_empty() => reads(context, endpoint, &request, &mut script),
        "GET" | "HEAD" => reads_one(&request, &params, &owner(&endpoint.path), &mut script),
        "DELETE" => deletes(&request, &params, &owner(&endpoint.path), &mut script),
        _ => writes(endpoint, &request, &params, &mut script),
    };
    (format!("{title} {says}"), script)
}

fn reads(
    context: &Context<'_, '_>,
    endpoint: &Endpoint,
    request: &Request,
    script: &mut Script,
) -> String {
    let resource = resource(&endpoint.path);
    if let Some(target) = endpoint.body.redirects.first() {
        script.check(
            format!("Send {} without following redirects", request.line()),
            format!("A redirect, and where the handler decides so it leads to {target}."),
        );
        return format!("leads to {target}");
    }
    let template = endpoint.body.renders.first();
    let many = resource.ends_with('s') && !resource.ends_with("us");
    let expected = match template {
        Some(template) => format!("Status 200 and the page of {template}."),
        None if many => format!("Status 200; both entries of {resource} are in the answer."),
        None => format!(
            "Status 200 and what {}:{} builds.",
            context.index.files[endpoint.file].path, endpoint.line
        ),
    };
    if template.is_none() && many {
        script.step(format!("Store two entries of {resource}"));
    }
    script.check(format!("Send {}", request.line()), expected);
    if let Some(first) = request.query.first() {
        script.check(
            format!("Send it again with another value for `{first}`"),
            format!("The answer changes as `{first}` says."),
        );
        script.check(
            format!(
                "Send it with `{first}` left out, and with {} for it",
                sample::wrong(first)
            ),
            "An answer of 200 or 400, never 500.",
        );
        return format!("answers by {}", fields(&request.query));
    }
    match template {
        Some(template) => format!("answers with {template}"),
        None if many => format!("answers every entry of {resource}"),
        None => "answers 200".to_owned(),
    }
}

fn reads_one(request: &Request, params: &[String], resource: &str, script: &mut Script) -> String {
    let named = fields(params);
    script.step(format!("Store an entry of {resource} and note its {named}"));
    script.check(
        format!("Send {} with that {named}", request.line()),
        "Status 200 and exactly that entry.",
    );
    script.check(
        format!("Send {} with a {named} that does not exist", request.line()),
        "Status 404.",
    );
    script.check(
        format!("Send {} with `%00` for {named}", request.line()),
        "Status 400 or 404, never 500.",
    );
    format!("answers the entry of {named} and 404 for an unknown one")
}

fn deletes(request: &Request, params: &[String], resource: &str, script: &mut Script) -> String {
    let named = if params.is_empty() {
        resource.to_owned()
    } else {
        fields(params)
    };
    script.step(format!("Store two entries of {resource}"));
    script.check(
        format!("Send {} for the first", request.line()),
        "A 2xx answer; the first entry is gone, the second is untouched.",
    );
    script.check(
        format!("Send {} for the first again", request.line()),
        "Status 404 or 410, or 204 again; nothing else is deleted.",
    );
    format!("removes the entry of {named} and nothing else")
}

fn writes(
    endpoint: &Endpoint,
    request: &Request,
    params: &[String],
    script: &mut Script,
) -> String {
    let resource = resource(&endpoint.path);
    let owner = owner(&endpoint.path);
    let done = if request.body.is_empty() && request.files.is_empty() {
        format!("reading {owner} back shows what {resource} did")
    } else {
        format!("reading {resource} back shows what was sent")
    };
    let effect = match (endpoint.body.redirects.first(), request.method.as_str()) {
        (Some(target), _) => format!("A redirect to {target}; {done}."),
        (None, "POST") => format!("A 2xx answer; {done}."),
        (None, _) => format!("A 2xx answer; {done} and leaves the other values as they were."),
    };
    if !params.is_empty() {
        script.step(format!(
            "Store an entry of {owner} and use its {} in the path",
            fields(params)
        ));
    }
    script.check(request.send(), effect);
    for name in request.body.iter().take(3) {
        script.check(
            format!(
                "Send {} without `{name}`: {}",
                request.line(),
                sample::json_body(&request.body, Some(name))
            ),
            format!("If `{name}` is required a 4xx answer that names it, and nothing is stored; never 500."),
        );
    }
    if let Some(name) = request.body.first() {
        script.check(
            format!(
                "Send {} with {} for `{name}`",
                request.line(),
                sample::wrong(name)
            ),
            "A 4xx answer, and nothing is stored.",
        );
    } else if endpoint.body.reads_body || request.files.is_empty() && params.is_empty() {
        script.check(
            format!(
                "Send {} with an empty body, and with a body that is cut off",
                request.line()
            ),
            "A 4xx answer where a body is needed, never 500.",
        );
    }
    if !params.is_empty() {
        script.check(
            format!("Send {} with an unknown {}", request.line(), fields(params)),
            "Status 404, and nothing is stored.",
        );
    }
    if request.body.is_empty() {
        if request.files.is_empty() {
            if params.is_empty() {
                format!("does {resource} and refuses a broken body")
            } else {
                format!("does {resource} to the entry of {} alone", fields(params))
            }
        } else {
            format!("stores the file in `{}`", request.files[0])
        }
    } else {
        format!(
            "stores {} and refuses what is incomplete",
            fields(&request.body)
        )
    }
}

pub fn security(context: &Context<'_, '_>, endpoint: &Endpoint) -> (String, Script) {
    let request = Request::of(endpoint);
    let title = endpoint.title();
    let body = &endpoint.body;
    let topics = &context.risk.topics;
    let mut script = Script::default();
    let mut aims: Vec<String> = Vec::new();
    let params = params(&request.path);
    let path = request.path.to_lowercase();
    let signs_in = topics.contains(&Topic::Auth)
        && request.method == "POST"
        && [
            "login", "signin", "sign_in", "sign-in", "session", "token", "auth",
        ]
        .iter()
        .any(|word| path.ends_with(word) || path.contains(&format!("{word}/")));
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

/// One entry from its creation to its end.
pub fn flow(context: &Context<'_, '_>, steps: &[usize]) -> (String, Script) {
    let mut script = Script::default();
    let mut methods = Vec::new();
    let endpoints: Vec<&Endpoint> = steps.iter().map(|at| &context.endpoints[*at]).collect();
    if endpoints.iter().any(|endpoint| endpoint.guarded) {
        script.step("Sign in as a user who may do all of this");
    }
    let mut created = String::new();
    for endpoint in &endpoints {
        let request = Request::of(endpoint);
        match endpoint.method.as_str() {
            "POST" => {
                created = resource(&endpoint.path);
                methods.push("create");
                script.check(
                    request.send(),
                    "A 2xx answer with the id of the new entry, which the next steps use.",
                );
            }
            "GET" => {
                methods.push("read");
                script.check(
                    format!("Send {} with that id", request.line()),
                    "The entry as it was sent.",
                );
            }
            "DELETE" => {
                methods.push("delete");
                script.check(
                    format!("Send {} with that id", request.line()),
                    "A 2xx answer.",
                );
                let read = endpoint.path.clone();
                script.check(
                    format!("Send GET {} with that id", example(&read)),
                    "Status 404 or 410.",
                );
            }
            _ => {
                methods.push("change");
                script.check(
                    format!("{} with that id and one value changed", request.send()),
                    "A 2xx answer; reading it back shows the change and nothing else changed.",
                );
            }
        }
    }
    methods.dedup();
    let methods: Vec<String> = methods.into_iter().map(ToOwned::to_owned).collect();
    (
        format!(
            "{} through its whole life: {}",
            endpoints
                .first()
                .map_or(created.as_str(), |first| first.path.trim_end_matches('/')),
            listed(&methods, 4)
        ),
        script,
    )
}
