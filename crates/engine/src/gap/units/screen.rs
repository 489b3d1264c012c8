//! Pages and forms with where they are seen and where they are sent.

use std::collections::{HashMap, HashSet};

use super::{Unit, What, is_named};
use crate::gap::index::{Index, directory};
use crate::gap::link::Endpoint;
use crate::gap::routes::Framework;
use crate::gap::routes::path::{Segment, segments};
use crate::gap::screens::{Action, Form};
use crate::gap::syntax::Language;

pub(super) fn pages<'f>(index: &Index<'f>, endpoints: &[Endpoint]) -> Vec<Unit<'f>> {
    let mut found = Vec::new();
    let rendered = rendered(index, endpoints);
    for (file, facts) in index.files.iter().enumerate() {
        for page in &facts.screens.pages {
            let (path, endpoint) = match &page.path {
                Some(path) => (path.clone(), None),
                None => match rendered_by(&facts.path, &rendered) {
                    Some(endpoint) => (endpoints[endpoint].path.clone(), Some(endpoint)),
                    None => continue,
                },
            };
            found.push(Unit {
                name: format!("page {path}"),
                what: What::Page {
                    path,
                    page: Some(page),
                    endpoint,
                    component: None,
                },
                file,
                line: page.line,
            });
        }
        for (path, component, line) in &facts.screens.client_routes {
            if path.contains('*') {
                continue;
            }
            found.push(Unit {
                name: format!("page {path}"),
                what: What::Page {
                    path: path.clone(),
                    page: None,
                    endpoint: None,
                    component: component
                        .as_ref()
                        .and_then(|component| index.definition(file, component)),
                },
                file,
                line: *line,
            });
        }
    }
    let mut seen = HashSet::new();
    found.retain(|unit| seen.insert(unit.name.clone()));
    found
}

/// Templates that GET endpoints render, as paths without extension.
fn rendered(index: &Index<'_>, endpoints: &[Endpoint]) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    for (at, endpoint) in endpoints.iter().enumerate() {
        if !matches!(endpoint.method.as_str(), "GET" | "ANY") {
            continue;
        }
        for name in &endpoint.body.renders {
            found.entry(template_name(name)).or_insert(at);
        }
        // Rails renders what is named like the action.
        if endpoint.framework == Framework::Rails
            && let Some(handler) = endpoint.handler
        {
            let definition = &index.defined(handler).definition;
            if let Some(owner) = &definition.owner {
                let controller = owner.trim_end_matches("Controller").replace('.', "/");
                let name = format!("{}/{}", underscored(&controller), definition.name);
                found.entry(name).or_insert(at);
            }
        }
    }
    found
}

fn template_name(name: &str) -> String {
    let name = name.trim_start_matches("redirect:").trim_matches('/');
    let stem = [
        ".blade.php",
        ".html.erb",
        ".html",
        ".htm",
        ".erb",
        ".ejs",
        ".hbs",
        ".njk",
        ".twig",
        ".jinja2",
        ".j2",
        ".tmpl",
        ".gohtml",
        ".php",
        ".jinja",
        ".mustache",
    ]
    .iter()
    .find_map(|ending| name.strip_suffix(ending))
    .unwrap_or(name);
    stem.replace('.', "/")
}

fn rendered_by(template: &str, rendered: &HashMap<String, usize>) -> Option<usize> {
    let stem = template_name(template);
    let parts: Vec<&str> = stem.split('/').collect();
    (0..parts.len()).find_map(|from| rendered.get(&parts[from..].join("/")).copied())
}

/// `user_profiles` of `UserProfiles`.
fn underscored(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            if !text.is_empty() && !text.ends_with('/') {
                text.push('_');
            }
            text.extend(c.to_lowercase());
        } else {
            text.push(c);
        }
    }
    text
}

pub(super) fn forms<'f>(
    index: &Index<'f>,
    endpoints: &[Endpoint],
    pages: &[Unit<'f>],
    units: &mut Vec<Unit<'f>>,
) {
    let mut names = HashMap::new();
    for (file, facts) in index.files.iter().enumerate() {
        for form in &facts.screens.forms {
            let path = page_of(index, pages, file, form);
            let endpoint = action(endpoints, form, path.as_deref());
            let called = form
                .name
                .clone()
                .filter(|_| form.submit.is_none())
                .or_else(|| form.submit.clone())
                .or_else(|| form.component.clone())
                .unwrap_or_else(|| "submit".to_owned());
            let mut name = match &path {
                Some(path) => format!("form \"{called}\" on {path}"),
                None => format!("form \"{called}\" in {}", short(&facts.path)),
            };
            let count = names.entry(name.clone()).or_insert(0);
            *count += 1;
            if *count > 1 {
                name = format!("{name} (line {})", form.line);
            }
            units.push(Unit {
                name,
                what: What::Form {
                    form,
                    path,
                    endpoint,
                },
                file,
                line: form.line,
            });
        }
    }
}

pub(super) fn short(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The page that a form is seen on: its own file, or one that shows it.
fn page_of(index: &Index<'_>, pages: &[Unit<'_>], file: usize, form: &Form) -> Option<String> {
    let path_of = |unit: &Unit<'_>| match &unit.what {
        What::Page { path, .. } => Some(path.clone()),
        _ => None,
    };
    if let Some(page) = pages.iter().find(|page| page.file == file) {
        return path_of(page);
    }
    let shown = pages.iter().find(|page| {
        matches!(page.what, What::Page { component: Some(at), .. } if at.0 == file
            && form.component.as_ref().is_none_or(|name| index.defined(at).definition.name == *name))
    });
    if let Some(page) = shown {
        return path_of(page);
    }
    // A component of a page, or of a component of it.
    let shows = |from: usize| {
        index.files[from]
            .imports
            .iter()
            .any(|import| index.imported(from, import, None).contains(&file))
    };
    let script = !index.files[file].language.is_markup()
        || index.files[file].language == Language::Component;
    if script {
        let page = pages.iter().take(500).find(|page| {
            let from = match page.what {
                What::Page {
                    component: Some(at),
                    ..
                } => at.0,
                _ => page.file,
            };
            shows(from)
        });
        return page.and_then(path_of);
    }
    // A partial: the page beside it.
    let here = directory(&index.files[file].path);
    let partial = short(&index.files[file].path).starts_with('_');
    pages
        .iter()
        .find(|page| partial && directory(&index.files[page.file].path) == here)
        .and_then(path_of)
}

fn action(endpoints: &[Endpoint], form: &Form, page: Option<&str>) -> Option<usize> {
    let same = |endpoint: &Endpoint| endpoint.method == form.method || endpoint.method == "ANY";
    match &form.action {
        Some(Action::Path(path)) => endpoints
            .iter()
            .position(|endpoint| same(endpoint) && same_path(&endpoint.path, path)),
        Some(Action::Named(name)) => endpoints
            .iter()
            .position(|endpoint| same(endpoint) && is_named(endpoint, name)),
        // Sent to the page that it is on.
        None => {
            let page = page?;
            endpoints
                .iter()
                .position(|endpoint| same(endpoint) && same_path(&endpoint.path, page))
        }
    }
}

fn same_path(route: &str, path: &str) -> bool {
    let computed = |segment: &str| segment.contains(['{', '<', '%']) || segment.starts_with(':');
    let route = segments(route);
    let path: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    route.len() == path.len()
        && route.iter().zip(path).all(|(route, segment)| match route {
            Segment::Literal(literal) => literal == segment,
            Segment::Param(_) => computed(segment) || segment.chars().all(|c| c.is_ascii_digit()),
            Segment::Rest => true,
        })
}
