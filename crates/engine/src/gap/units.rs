//! What there is to test: endpoints, pages, forms, flows through a resource,
//! exported functions and classes.

use std::collections::{HashMap, HashSet};

use super::file::FileFacts;
use super::index::{At, Index, directory};
use super::link::Endpoint;
use super::routes::Framework;
use super::routes::path::{Segment, params, segments};
use super::screens::{Action, Form, Page};
use super::syntax::{Definition, Kind, Language};

#[derive(Debug)]
pub struct Unit<'f> {
    pub what: What<'f>,
    /// As shown: `POST /payments`, `chargeCard`.
    pub name: String,
    pub file: usize,
    pub line: u32,
}

#[derive(Debug)]
pub enum What<'f> {
    Endpoint(usize),
    Page {
        path: String,
        page: Option<&'f Page>,
        /// The endpoint that renders it.
        endpoint: Option<usize>,
        /// The component that it shows.
        component: Option<At>,
    },
    Form {
        form: &'f Form,
        /// Where it can be seen.
        path: Option<String>,
        /// What it is sent to.
        endpoint: Option<usize>,
    },
    /// Create, read, change, delete: endpoints of one resource in that order.
    Flow(Vec<usize>),
    Function(At),
    Class {
        at: At,
        methods: Vec<At>,
    },
}

pub fn find<'f>(index: &Index<'f>, endpoints: &[Endpoint]) -> Vec<Unit<'f>> {
    let mut units = Vec::new();
    for (at, endpoint) in endpoints.iter().enumerate() {
        units.push(Unit {
            what: What::Endpoint(at),
            name: endpoint.title(),
            file: endpoint.file,
            line: endpoint.line,
        });
    }
    let pages = pages(index, endpoints);
    forms(index, endpoints, &pages, &mut units);
    let page_files: HashSet<(usize, u32)> =
        pages.iter().map(|page| (page.file, page.line)).collect();
    units.extend(pages);
    flows(endpoints, &mut units);
    definitions(index, endpoints, &page_files, &mut units);
    units
}

// Pages

fn pages<'f>(index: &Index<'f>, endpoints: &[Endpoint]) -> Vec<Unit<'f>> {
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

// Forms

fn forms<'f>(
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

fn short(path: &str) -> &str {
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

/// Whether a route is called so: `polls:index`, `auth.login`, `users.index`.
pub fn is_named(endpoint: &Endpoint, name: &str) -> bool {
    endpoint.name.as_deref().is_some_and(|known| {
        known == name
            || name.rsplit([':', '.']).next() == Some(known)
                && endpoint.framework != Framework::Laravel
    })
}

// Flows

fn flows(endpoints: &[Endpoint], units: &mut Vec<Unit<'_>>) {
    let mut collections: HashMap<&str, usize> = HashMap::new();
    for (at, endpoint) in endpoints.iter().enumerate() {
        if endpoint.method == "POST" && params(&endpoint.path).is_empty() {
            collections
                .entry(endpoint.path.trim_end_matches('/'))
                .or_insert(at);
        }
    }
    let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
    for (path, create) in collections {
        let mut steps = vec![create];
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let step = endpoints.iter().position(|endpoint| {
                endpoint.method == method
                    && endpoint
                        .path
                        .trim_end_matches('/')
                        .rsplit_once('/')
                        .is_some_and(|(front, _)| front == path)
                    && matches!(segments(&endpoint.path).last(), Some(Segment::Param(_)))
            });
            steps.extend(step);
        }
        if steps.len() >= 3 {
            found.push((create, steps));
        }
    }
    found.sort();
    for (create, steps) in found {
        let endpoint = &endpoints[create];
        units.push(Unit {
            name: format!("lifecycle of {}", endpoint.path.trim_end_matches('/')),
            what: What::Flow(steps),
            file: endpoint.file,
            line: endpoint.line,
        });
    }
}

// Functions and classes

fn definitions<'f>(
    index: &Index<'f>,
    endpoints: &[Endpoint],
    pages: &HashSet<(usize, u32)>,
    units: &mut Vec<Unit<'f>>,
) {
    let handlers: HashSet<At> = endpoints
        .iter()
        .filter_map(|endpoint| endpoint.handler)
        .collect();
    let controllers: HashSet<(usize, &str)> = handlers
        .iter()
        .filter_map(|at| {
            let owner = index.defined(*at).definition.owner.as_deref()?;
            Some((at.0, owner))
        })
        .collect();
    let shown: HashSet<At> = units
        .iter()
        .filter_map(|unit| match unit.what {
            What::Page { component, .. } => component,
            _ => None,
        })
        .collect();
    for (file, facts) in index.files.iter().enumerate() {
        let declares: HashSet<&str> = facts
            .routing
            .routes
            .iter()
            .filter_map(|route| route.function.as_deref())
            .collect();
        let forms: HashSet<&str> = facts
            .screens
            .forms
            .iter()
            .filter_map(|form| form.component.as_deref())
            .collect();
        for (place, defined) in facts.definitions.iter().enumerate() {
            let at = (file, place);
            let definition = &defined.definition;
            let stands_for_more = handlers.contains(&at)
                || shown.contains(&at)
                || pages.contains(&(file, definition.line))
                || declares.contains(definition.name.as_str())
                || forms.contains(definition.name.as_str())
                || controllers.contains(&(file, definition.name.as_str()))
                || controllers.contains(&(file, full_name(definition).as_str()));
            if !definition.exported || stands_for_more {
                continue;
            }
            units.extend(unit_of(facts, at, definition));
        }
    }
}

fn full_name(definition: &Definition) -> String {
    match &definition.owner {
        Some(owner) => format!("{owner}.{}", definition.name),
        None => definition.name.clone(),
    }
}

fn unit_of<'f>(facts: &'f FileFacts, at: At, definition: &Definition) -> Option<Unit<'f>> {
    let stand_alone = matches!(facts.language, Language::Go | Language::Rust);
    let (name, what) = match definition.kind {
        Kind::Function => {
            let name = if definition.name == "default" {
                short(&facts.path).split('.').next()?.to_owned()
            } else {
                definition.name.clone()
            };
            if name == "main" || is_trivial(definition) {
                return None;
            }
            (name, What::Function(at))
        }
        Kind::Method if stand_alone => {
            if is_trivial(definition) || definition.owner.is_none() {
                return None;
            }
            (full_name(definition), What::Function(at))
        }
        Kind::Class => {
            if is_declarative(definition) {
                return None;
            }
            let own = full_name(definition);
            let methods: Vec<At> = facts
                .definitions
                .iter()
                .enumerate()
                .filter(|(_, method)| {
                    let method = &method.definition;
                    method.kind == Kind::Method
                        && method.exported
                        && !is_trivial(method)
                        && method
                            .owner
                            .as_deref()
                            .is_some_and(|owner| owner == definition.name || owner == own)
                })
                .map(|(place, _)| (at.0, place))
                .collect();
            if methods.is_empty() {
                return None;
            }
            (definition.name.clone(), What::Class { at, methods })
        }
        Kind::Method | Kind::Type => return None,
    };
    Some(Unit {
        what,
        name,
        file: at.0,
        line: definition.line,
    })
}

/// Nothing in it could go wrong: getters, constructors, conversions.
fn is_trivial(definition: &Definition) -> bool {
    let name = definition.name.as_str();
    let plain = name == "main"
        || matches!(
            name,
            "new"
                | "default"
                | "fmt"
                | "from"
                | "String"
                | "toString"
                | "hashCode"
                | "equals"
                | "constructor"
                | "initialize"
                | "__str__"
                | "__repr__"
                | "Len"
                | "Less"
                | "Swap"
        ) && definition.kind == Kind::Method
        || name.starts_with("__");
    let accessor = ["get", "set", "is"].iter().any(|prefix| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with(char::is_uppercase))
    }) && definition.lines <= 3
        && definition.kind == Kind::Method;
    plain || accessor
}

/// Classes that only say what there is: models, forms, serializers, settings.
fn is_declarative(definition: &Definition) -> bool {
    let mounted = definition.name.ends_with("Controller") && !definition.bases.is_empty();
    mounted
        || definition.bases.iter().any(|base| {
            let last = base.rsplit(['.', ':']).next().unwrap_or(base);
            matches!(
                last,
                "BaseModel"
                    | "Enum"
                    | "StrEnum"
                    | "IntEnum"
                    | "TypedDict"
                    | "NamedTuple"
                    | "AppConfig"
                    | "Migration"
                    | "ModelAdmin"
                    | "BaseSettings"
                    | "Exception"
                    | "StandardError"
                    | "Error"
                    | "ServiceProvider"
            ) || last.ends_with("Exception")
        })
        || definition.name.ends_with("Module") && definition.mark("Module").is_some()
}
