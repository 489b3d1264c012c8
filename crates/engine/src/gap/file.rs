//! Everything that is kept of one file once it is read.

use super::body::Body;
use super::reach::{self, Reach};
use super::routes::{self, Framework, Handler, Methods, Route, Routing};
use super::screens::{self, Screens};
use super::syntax::{Definition, Import, Kind, Language, Module, Parsers, Unparsed};
use super::test_file;

#[derive(Debug)]
pub struct FileFacts {
    pub path: String,
    pub language: Language,
    pub lines: u32,
    pub imports: Vec<Import>,
    pub definitions: Vec<Defined>,
    pub routing: Routing,
    pub screens: Screens,
    /// Rails: `before_action :authenticate_user!` in a controller.
    pub guards_all: bool,
    /// What its tests reach; in Rust a file may be both.
    pub reach: Option<Reach>,
}

#[derive(Debug)]
pub struct Defined {
    pub definition: Definition,
    pub body: Body,
}

pub fn read(
    parsers: &mut Parsers,
    path: &str,
    language: Language,
    text: &str,
) -> Result<FileFacts, Unparsed> {
    let is_test = test_file::is_test(path, language, text);
    let support = is_support(path);
    let mut module = parsers.read(language, text, is_test)?;
    let reach = (is_test || !module.test_spans.is_empty()).then(|| reach::read(&module, is_test));
    let mut facts = FileFacts {
        path: path.to_owned(),
        language,
        lines: u32::try_from(text.lines().count()).unwrap_or(u32::MAX),
        imports: Vec::new(),
        definitions: Vec::new(),
        routing: Routing::default(),
        screens: Screens::default(),
        guards_all: guards_all(language, &module),
        reach,
    };
    if !is_test && !support {
        facts.routing = routes::read(path, language, &module);
        facts.screens = screens::read(path, language, &module);
        hide_privates(language, &mut module);
        facts.definitions = module
            .definitions
            .iter()
            .map(|definition| Defined {
                body: Body::of(&module, definition),
                definition: Definition {
                    exported: definition.exported || module.exports.contains(&definition.name),
                    ..definition.clone()
                },
            })
            .collect();
        if let Some(path) = api_path(path) {
            api_routes(&path, &facts.definitions, &mut facts.routing);
        }
    }
    facts.imports = module.imports;
    Ok(facts)
}

/// What tests and tools need, but nobody runs.
fn is_support(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    lower.split('/').rev().skip(1).any(|part| {
        part.ends_with("migrations")
            || matches!(
                part,
                "fixtures"
                    | "__fixtures__"
                    | "testdata"
                    | "migrations"
                    | "migrate"
                    | "alembic"
                    | "seeds"
                    | "seeders"
                    | "factories"
                    | "stories"
                    | "examples"
                    | "scripts"
            )
    }) || name.contains(".config.")
        || name.contains(".stories.")
        || matches!(
            name,
            "setup.py" | "manage.py" | "gulpfile.js" | "gruntfile.js"
        )
}

fn guards_all(language: Language, module: &Module) -> bool {
    language == Language::Ruby
        && module.calls.iter().any(|call| {
            matches!(
                call.name.as_str(),
                "before_action" | "prepend_before_action"
            ) && call
                .arg(0)
                .and_then(|value| value.text())
                .is_some_and(routes::is_guard)
        })
}

/// Ruby: what comes after `private` in a class is.
fn hide_privates(language: Language, module: &mut Module) {
    if language != Language::Ruby {
        return;
    }
    let from: Vec<u32> = module
        .calls
        .iter()
        .filter(|call| call.name == "private" && call.args.is_empty())
        .map(|call| call.span.start)
        .collect();
    for at in from {
        let Some(end) = module
            .definitions
            .iter()
            .filter(|class| class.kind == Kind::Class && class.span.contains(&at))
            .map(|class| class.span.end)
            .min()
        else {
            continue;
        };
        for definition in &mut module.definitions {
            if definition.kind == Kind::Method && (at..end).contains(&definition.span.start) {
                definition.exported = false;
            }
        }
    }
}

/// Next.js: `pages/api/users/[id].ts` and `app/api/users/route.ts`.
fn api_path(path: &str) -> Option<String> {
    let (stem, extension) = path.rsplit_once('.')?;
    if !matches!(extension, "js" | "ts" | "jsx" | "tsx" | "mjs") {
        return None;
    }
    let stem = stem.strip_prefix("src/").unwrap_or(stem);
    let stem = stem
        .find("/app/")
        .or_else(|| stem.find("/pages/"))
        .map_or(stem, |at| &stem[at + 1..]);
    let inside = if let Some(inside) = stem.strip_prefix("pages/api/") {
        format!("api/{}", inside.strip_suffix("index").unwrap_or(inside))
    } else {
        let inside = stem.strip_prefix("app/")?;
        inside.strip_suffix("route")?.to_owned()
    };
    let parts: Vec<&str> = inside
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('('))
        .collect();
    Some(format!("/{}", parts.join("/")))
}

fn api_routes(path: &str, definitions: &[Defined], routing: &mut Routing) {
    for defined in definitions {
        let definition = &defined.definition;
        if !definition.exported || definition.kind != Kind::Function {
            continue;
        }
        const VERBS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
        let methods = if VERBS.contains(&definition.name.as_str()) {
            vec![definition.name.clone()]
        } else if matches!(definition.name.as_str(), "handler" | "default")
            || definitions.len() == 1
        {
            vec!["ANY".to_owned()]
        } else {
            continue;
        };
        routing.routes.push(Route {
            methods: Methods::Known(methods),
            path: path.to_owned(),
            router: None,
            function: None,
            handler: Handler::Here(definition.line),
            name: None,
            guarded: defined.body.guarded,
            line: definition.line,
            framework: Framework::Next,
        });
    }
}
