//! Pages and forms: what a person sees and fills in.

use super::syntax::{Call, Element, Expr, Kind, Language, Module};

#[derive(Debug, Default)]
pub struct Screens {
    pub pages: Vec<Page>,
    pub forms: Vec<Form>,
    /// Routes of a router in the browser, with the component each shows.
    pub client_routes: Vec<(String, Option<String>, u32)>,
}

/// A page of its own.
#[derive(Clone, Debug)]
pub struct Page {
    /// Known from where the file is (Next.js, Nuxt, SvelteKit, static files);
    /// else it is a template, and a page only if a route renders it.
    pub path: Option<String>,
    pub title: Option<String>,
    pub heading: Option<String>,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub struct Form {
    pub action: Option<Action>,
    pub method: String,
    pub fields: Vec<Field>,
    pub submit: Option<String>,
    /// `id`, `name`, `aria-label` or handler: tells forms of a file apart.
    pub name: Option<String>,
    pub line: u32,
    /// The component it is written in.
    pub component: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Path(String),
    Named(String),
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// What a person reads beside it.
    pub label: Option<String>,
    pub kind: String,
    pub required: bool,
    /// Everything that a test could find it by.
    pub handles: Vec<String>,
}

impl Field {
    /// What to call it in a step.
    pub fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

pub fn read(path: &str, language: Language, module: &Module) -> Screens {
    let mut screens = Screens::default();
    for root in &module.elements {
        forms(root, module, &mut screens.forms);
    }
    if language == Language::Erb {
        helper_forms(module, &mut screens.forms);
    }
    screens.pages.extend(page(path, language, module));
    if matches!(language, Language::JavaScript | Language::TypeScript) {
        client_routes(module, &mut screens.client_routes);
    }
    screens
}

fn page(path: &str, language: Language, module: &Module) -> Option<Page> {
    let all: Vec<&Element> = module.elements.iter().flat_map(Element::all).collect();
    let text_of = |tag: &str| {
        all.iter()
            .find(|element| element.tag == tag)
            .map(|element| element.full_text())
            .filter(|text| !text.is_empty() && !text.contains(['{', '%']))
    };
    let by_place = framework_path(path, language);
    let line = module
        .definitions
        .iter()
        .find(|definition| {
            matches!(definition.kind, Kind::Function | Kind::Class) && definition.exported
        })
        .map_or(1, |definition| definition.line);
    if let Some(path) = by_place {
        return Some(Page {
            path: Some(path),
            title: None,
            heading: text_of("h1"),
            line,
        });
    }
    if !matches!(language, Language::Html | Language::Erb | Language::Php) {
        return None;
    }
    let document = all.iter().any(|element| element.tag == "html");
    let templates = path.split('/').any(|part| {
        matches!(part, "views" | "layouts" | "partials" | "includes")
            || part.contains("template")
            || part.contains("mail")
    });
    if language == Language::Php && !path.contains("views/") {
        return None;
    }
    if document && !templates && path.ends_with(".html") {
        return Some(Page {
            path: Some(static_path(path)),
            title: text_of("title"),
            heading: text_of("h1"),
            line: 1,
        });
    }
    Some(Page {
        path: None,
        title: text_of("title"),
        heading: text_of("h1"),
        line: 1,
    })
}

/// `/about` of `public/about/index.html`.
fn static_path(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    while parts.len() > 1
        && matches!(
            parts[0],
            "public" | "static" | "src" | "www" | "site" | "docs" | "app" | "client"
        )
    {
        parts.remove(0);
    }
    let path = format!("/{}", parts.join("/"));
    match path.strip_suffix("index.html") {
        Some("/") => "/".to_owned(),
        Some(directory) => directory.trim_end_matches('/').to_owned(),
        None => path,
    }
}

/// Next.js, Nuxt, SvelteKit and Astro-like: the path of a page is its file's.
pub fn framework_path(path: &str, language: Language) -> Option<String> {
    let trimmed = path.rsplit_once("src/").map_or(path, |(_, rest)| rest);
    let (stem, extension) = trimmed.rsplit_once('.')?;
    let jsx = matches!(extension, "jsx" | "tsx" | "js" | "ts");
    if language == Language::Component && extension == "svelte" {
        let inside = between(trimmed, "routes/")?;
        let directory = inside.strip_suffix("+page.svelte")?;
        return Some(page_path(directory));
    }
    if language == Language::Component {
        return Some(page_path(between(stem, "pages/")?));
    }
    if !jsx {
        return None;
    }
    if let Some(inside) = between(stem, "app/")
        && (inside == "page" || inside.ends_with("/page"))
        && !inside.starts_with("assets/")
    {
        return Some(page_path(inside.trim_end_matches("page")));
    }
    // Other frameworks have folders called pages too; theirs are not lower case
    // or hold `.js` files without JSX.
    let inside = between(stem, "pages/").filter(|_| matches!(extension, "jsx" | "tsx" | "js"))?;
    let own = inside
        .split('/')
        .any(|part| part.starts_with('_') || part.starts_with(char::is_uppercase));
    if own || inside.starts_with("api/") {
        return None;
    }
    Some(page_path(inside))
}

/// What stands behind a directory that the path begins with or that an
/// application's own directory holds (`apps/web/pages/...`).
fn between<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    path.strip_prefix(directory).or_else(|| {
        let at = path.find(&format!("/{directory}"))?;
        Some(&path[at + 1 + directory.len()..])
    })
}

fn page_path(inside: &str) -> String {
    let parts: Vec<&str> = inside
        .split('/')
        .filter(|part| !part.is_empty() && *part != "index")
        // Next.js and SvelteKit: groups and slots are no part of the path.
        .filter(|part| !part.starts_with('(') && !part.starts_with('@'))
        .collect();
    format!("/{}", parts.join("/"))
}

/// `<Route path="/x" element={<X/>}>` and `{ path: '/x', component: X }`.
fn client_routes(module: &Module, found: &mut Vec<(String, Option<String>, u32)>) {
    for call in &module.calls {
        if call.name == "Route"
            && call.receiver.is_none()
            && let Some(path) = call.named("path").and_then(Expr::text)
        {
            let component = shown(call);
            found.push((slashed("", path), component, call.line));
        }
        // TanStack Router: `createFileRoute("/x")({ component: X })`; what begins
        // with an underscore is no part of the path.
        if call.name.is_empty()
            && let Some(Expr::Call(made)) = &call.receiver
            && made.name == "createFileRoute"
            && let Some(path) = made.arg(0).and_then(Expr::text)
        {
            let parts: Vec<&str> = path
                .split('/')
                .filter(|part| !part.is_empty() && !part.starts_with('_'))
                .collect();
            let component = call.named("component").and_then(Expr::path);
            if component.is_some() {
                found.push((format!("/{}", parts.join("/")), component, call.line));
            }
        }
        if matches!(
            call.name.as_str(),
            "createBrowserRouter" | "createRouter" | "useRoutes" | "createHashRouter" | "VueRouter"
        ) {
            for value in call.positional() {
                let list = value.entry("routes").unwrap_or(value);
                route_objects(list, "", call.line, found, 8);
            }
        }
    }
    for (assignment, at) in &module.assignments {
        if assignment.target == "routes" {
            let line = module
                .calls
                .iter()
                .find(|call| call.span.start >= *at)
                .map_or(1, |call| call.line);
            route_objects(&assignment.value, "", line, found, 8);
        }
    }
}

fn shown(call: &Call) -> Option<String> {
    call.named("element")
        .or_else(|| call.named("component"))
        .and_then(Expr::path)
}

fn route_objects(
    value: &Expr,
    prefix: &str,
    line: u32,
    found: &mut Vec<(String, Option<String>, u32)>,
    depth: u32,
) {
    let (Expr::List(items), Some(depth)) = (value, depth.checked_sub(1)) else {
        return;
    };
    for item in items {
        let Some(path) = item.entry("path").and_then(Expr::text) else {
            continue;
        };
        let component = item
            .entry("component")
            .or_else(|| item.entry("element"))
            .or_else(|| item.entry("Component"));
        let path = slashed(prefix, path);
        if let Some(component) = component {
            found.push((path.clone(), component.path(), line));
        }
        if let Some(children) = item.entry("children") {
            route_objects(children, &path, line, found, depth);
        }
    }
}

fn slashed(prefix: &str, path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        super::routes::path::full(prefix, path)
    }
}

fn forms(root: &Element, module: &Module, found: &mut Vec<Form>) {
    for element in root.all() {
        if !element.tag.eq_ignore_ascii_case("form") {
            continue;
        }
        // A component around the element itself says nothing more.
        let inner = element
            .all()
            .into_iter()
            .skip(1)
            .any(|inner| inner.tag.eq_ignore_ascii_case("form"));
        if inner {
            continue;
        }
        let fields = fields(element);
        let submit = submit(element);
        if fields.is_empty() && submit.is_none() {
            continue;
        }
        let component = module
            .definitions
            .iter()
            .rev()
            .find(|definition| {
                definition.line <= element.line
                    && element.line < definition.line + definition.lines
                    && definition.name.starts_with(char::is_uppercase)
            })
            .map(|definition| definition.name.clone());
        let written = element.attribute("action").and_then(action);
        let sent = match &written {
            None => sent_by_script(module, component.as_deref()),
            Some(_) => None,
        };
        found.push(Form {
            action: written.or_else(|| sent.as_ref().map(|(_, path)| Action::Path(path.clone()))),
            method: element
                .attribute("method")
                .filter(|method| method.chars().all(char::is_alphabetic) && !method.is_empty())
                .map_or_else(
                    || {
                        // Without an action a script submits it.
                        match sent {
                            Some((method, _)) => method,
                            None if element.attribute("action").is_some() => "GET".to_owned(),
                            None => "POST".to_owned(),
                        }
                    },
                    str::to_uppercase,
                ),
            fields,
            submit,
            name: ["aria-label", "id", "name", "data-testid"]
                .iter()
                .find_map(|key| element.attribute(key))
                .filter(|name| !name.is_empty() && !name.contains(['{', '(']))
                .map(ToOwned::to_owned),
            line: element.line,
            component,
        });
    }
}

/// Where a component's code sends what was filled in: its first request that
/// changes something.
fn sent_by_script(module: &Module, component: Option<&str>) -> Option<(String, String)> {
    let span = component.and_then(|name| {
        module
            .definitions
            .iter()
            .find(|definition| definition.name == name)
            .map(|definition| definition.span.clone())
    });
    module.calls.iter().find_map(|call| {
        if span
            .as_ref()
            .is_some_and(|span| !span.contains(&call.span.start))
        {
            return None;
        }
        let path = call.arg(0)?.text().filter(|path| path.starts_with('/'))?;
        let method = match call.name.as_str() {
            "fetch" | "$fetch" | "axios" => call.named("method")?.text()?.to_uppercase(),
            "post" | "put" | "patch" => call.name.to_uppercase(),
            _ => return None,
        };
        (method != "GET").then(|| (method, path.to_owned()))
    })
}

/// `/login`, `{{ url_for('auth.login') }}`, `{% url 'login' %}`.
fn action(value: &str) -> Option<Action> {
    for function in ["url_for(", "route(", "url ", "path(", "reverse("] {
        if let Some((_, rest)) = value.split_once(function)
            && let Some(name) = rest.split(['"', '\'']).nth(1)
        {
            return Some(Action::Named(name.to_owned()));
        }
    }
    if let Some(inside) = value.split_once("{{").map(|(_, rest)| rest.trim()) {
        let name: String = inside
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        return name
            .strip_suffix("_path")
            .or_else(|| name.strip_suffix("_url"))
            .map(|name| Action::Named(name.to_owned()));
    }
    let path = match value.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => value,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.starts_with('/').then(|| Action::Path(path.to_owned()))
}

const NOT_FIELDS: [&str; 5] = ["hidden", "submit", "button", "image", "reset"];

fn is_field(element: &Element) -> bool {
    match element.tag.as_str() {
        "input" | "Input" => !element
            .attribute("type")
            .is_some_and(|kind| NOT_FIELDS.contains(&kind)),
        "select" | "textarea" => true,
        tag => {
            tag.starts_with(char::is_uppercase)
                && [
                    "Input", "Field", "Select", "Textarea", "TextArea", "Checkbox",
                ]
                .iter()
                .any(|word| tag.ends_with(word))
        }
    }
}

fn fields(form: &Element) -> Vec<Field> {
    let all = form.all();
    let mut found: Vec<Field> = Vec::new();
    for element in &all {
        if !is_field(element) {
            continue;
        }
        let plain = |key: &str| {
            element
                .attribute(key)
                .map(str::trim)
                .filter(|value| !value.is_empty() && !value.contains(['{', '<']))
                .map(ToOwned::to_owned)
        };
        let id = plain("id");
        let label = all
            .iter()
            .filter(|label| label.tag.eq_ignore_ascii_case("label"))
            .find(|label| {
                let named = label
                    .attribute("for")
                    .or_else(|| label.attribute("htmlFor"));
                named.is_some() && named == id.as_deref()
                    || label
                        .all()
                        .iter()
                        .any(|inner| std::ptr::eq(*inner, *element))
            })
            .map(|label| label.full_text())
            .or_else(|| plain("label"))
            .or_else(|| plain("aria-label"))
            .or_else(|| plain("placeholder"))
            .map(|label| label.trim_end_matches([':', '*', ' ']).to_owned())
            .filter(|label| !label.is_empty() && !label.contains(['{', '%']));
        let name = plain("name")
            .or_else(|| plain("v-model"))
            .or_else(|| plain("formControlName"))
            .or_else(|| id.clone())
            .or_else(|| label.clone());
        let Some(name) = name else { continue };
        // Radio buttons are one field.
        if found.iter().any(|field| field.name == name) {
            continue;
        }
        let handles = [
            "name",
            "id",
            "placeholder",
            "aria-label",
            "data-testid",
            "data-cy",
        ]
        .iter()
        .filter_map(|key| plain(key))
        .chain(label.clone())
        .collect();
        found.push(Field {
            kind: match element.tag.as_str() {
                "select" => "select".to_owned(),
                "textarea" => "textarea".to_owned(),
                _ => plain("type").unwrap_or_else(|| "text".to_owned()),
            },
            required: element.attribute("required").is_some(),
            name,
            label,
            handles,
        });
    }
    found
}

fn submit(form: &Element) -> Option<String> {
    let all = form.all();
    let is_button = |element: &&&Element| match element.tag.as_str() {
        "input" => element.attribute("type") == Some("submit"),
        tag => {
            (tag == "button" || tag.ends_with("Button"))
                && element.attribute("type") != Some("button")
        }
    };
    let button = all
        .iter()
        .filter(is_button)
        .find(|element| element.attribute("type") == Some("submit"))
        .or_else(|| all.iter().find(is_button))?;
    let text = match button.attribute("value") {
        Some(value) if !value.is_empty() && button.tag == "input" => value.to_owned(),
        _ => button.full_text(),
    };
    (!text.is_empty() && !text.contains(['{', '%'])).then_some(text)
}

/// Rails: `form_with(...) do |f| f.email_field :email ... end`.
fn helper_forms(module: &Module, found: &mut Vec<Form>) {
    for call in &module.calls {
        if !matches!(
            call.name.as_str(),
            "form_with" | "form_for" | "form_tag" | "simple_form_for"
        ) {
            continue;
        }
        let mut form = Form {
            action: helper_action(call),
            method: call
                .named("method")
                .and_then(Expr::text)
                .map_or_else(|| "POST".to_owned(), str::to_uppercase),
            fields: Vec::new(),
            submit: None,
            name: None,
            line: call.line,
            component: None,
        };
        for inner in &module.calls {
            if inner.span.start <= call.span.start || inner.span.start >= call.span.end {
                continue;
            }
            if inner.name == "submit" {
                form.submit = inner.arg(0).and_then(Expr::text).map(ToOwned::to_owned);
                continue;
            }
            let kind = ["_field", "_area", "_box", "select", "input"]
                .iter()
                .find(|end| inner.name.ends_with(**end));
            if kind.is_some()
                && let Some(name) = inner.arg(0).and_then(Expr::text)
            {
                form.fields.push(Field {
                    name: name.to_owned(),
                    label: Some(humanized(name)),
                    kind: inner
                        .name
                        .trim_end_matches("_field")
                        .replace("check_box", "checkbox"),
                    required: inner.named("required").is_some(),
                    handles: vec![name.to_owned(), humanized(name)],
                });
            }
        }
        found.push(form);
    }
}

fn helper_action(call: &Call) -> Option<Action> {
    let value = call
        .named("url")
        .or_else(|| call.arg(0).filter(|_| call.name == "form_tag"))?;
    match value {
        Expr::Text(path) => Some(Action::Path(path.clone())),
        value => {
            let name = value.path()?;
            name.strip_suffix("_path")
                .or_else(|| name.strip_suffix("_url"))
                .map(|name| Action::Named(name.to_owned()))
        }
    }
}

/// `First name` of `first_name`.
fn humanized(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get(..1) {
        text.replace_range(..1, &first.to_uppercase());
    }
    text
}
