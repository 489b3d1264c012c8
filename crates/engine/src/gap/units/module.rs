//! Exported functions and classes that nothing else stands for.

use std::collections::HashSet;

use super::screen::short;
use super::{Unit, What};
use crate::gap::file::FileFacts;
use crate::gap::index::{At, Index};
use crate::gap::link::Endpoint;
use crate::gap::syntax::{Definition, Kind, Language};

pub(super) fn find<'f>(
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
