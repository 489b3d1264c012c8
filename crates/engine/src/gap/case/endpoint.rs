//! Cases for HTTP endpoints: what they do, and a resource's whole life.

use super::request::{Request, fields, owner, resource, signs_in, signs_out};
use super::{Context, Script, listed, sample};
use crate::gap::link::Endpoint;
use crate::gap::routes::path::{example, params};

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
