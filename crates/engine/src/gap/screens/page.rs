//! Pages, by where their files are and by what routers in the browser say.

use super::Page;
use crate::gap::syntax::{Call, Element, Expr, Kind, Language, Module};

pub(super) fn read(path: &str, language: Language, module: &Module) -> Option<Page> {
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
fn framework_path(path: &str, language: Language) -> Option<String> {
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
pub(super) fn client_routes(module: &Module, found: &mut Vec<(String, Option<String>, u32)>) {
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
        crate::gap::routes::path::full(prefix, path)
    }
}
