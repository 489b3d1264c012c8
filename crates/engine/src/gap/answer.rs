//! What a route answers: the methods its handler tells apart, whether it checks
//! who is asking, and what a request carries.

use super::body::{Body, From};
use super::index::{At, Index};
use super::routes::path;
use super::routes::{Framework, Methods, is_guard, python_guard, rust_guard};
use super::syntax::{Definition, Expr, Kind, Language};

/// One method at one path.
pub struct Answer {
    pub method: String,
    pub path: String,
    pub handler: Option<At>,
}

pub struct Answers<'i, 'f> {
    pub index: &'i Index<'f>,
}

impl Answers<'_, '_> {
    /// The methods that a route answers, each with the path it is at.
    pub fn of(&self, methods: &Methods, handler: Option<At>, path: &str) -> Vec<Answer> {
        let answer = |method: &str, path: &str, handler| Answer {
            method: method.to_owned(),
            path: path.to_owned(),
            handler,
        };
        match (methods, handler) {
            (Methods::Known(methods), _) => methods
                .iter()
                .map(|method| answer(method, path, handler))
                .collect(),
            (Methods::OfHandler, Some(at)) => {
                let definition = &self.index.defined(at).definition;
                if definition.kind == Kind::Class {
                    let own = self.methods_of_class(at);
                    if own.is_empty() {
                        base_methods(&definition.bases)
                            .iter()
                            .map(|method| answer(method, path, handler))
                            .collect()
                    } else {
                        own.iter()
                            .map(|(method, at)| answer(method, path, Some(*at)))
                            .collect()
                    }
                } else {
                    let body = &self.index.defined(at).body;
                    function_methods(definition, body)
                        .iter()
                        .map(|method| answer(method, path, handler))
                        .collect()
                }
            }
            (Methods::OfHandler, None) => vec![answer("GET", path, None)],
            (Methods::OfViewSet, _) => self.view_set(handler, path),
        }
    }

    fn methods_of_class(&self, class: At) -> Vec<(String, At)> {
        let name = &self.index.defined(class).definition.name;
        self.index.files[class.0]
            .definitions
            .iter()
            .enumerate()
            .filter(|(_, defined)| defined.definition.owner.as_ref() == Some(name))
            .filter(|(_, defined)| {
                matches!(
                    defined.definition.name.as_str(),
                    "get" | "post" | "put" | "patch" | "delete"
                )
            })
            .map(|(place, defined)| (defined.definition.name.to_uppercase(), (class.0, place)))
            .collect()
    }

    fn view_set(&self, handler: Option<At>, path: &str) -> Vec<Answer> {
        let list = format!("{}/", path.trim_end_matches('/'));
        let detail = format!("{list}{{pk}}/");
        let bases = handler.map(|at| self.index.defined(at).definition.bases.as_slice());
        let reads_only =
            bases.is_some_and(|bases| bases.iter().any(|base| base.contains("ReadOnly")));
        let method_of = |action: &str| {
            let at = handler?;
            let class = &self.index.defined(at).definition.name;
            let place = self.index.files[at.0]
                .definitions
                .iter()
                .position(|defined| {
                    defined.definition.name == action
                        && defined.definition.owner.as_ref() == Some(class)
                })?;
            Some((at.0, place))
        };
        [
            ("GET", &list, "list"),
            ("POST", &list, "create"),
            ("GET", &detail, "retrieve"),
            ("PUT", &detail, "update"),
            ("PATCH", &detail, "partial_update"),
            ("DELETE", &detail, "destroy"),
        ]
        .into_iter()
        .filter(|(method, _, _)| !reads_only || *method == "GET")
        .map(|(method, path, action)| Answer {
            method: method.to_owned(),
            path: path.clone(),
            handler: method_of(action).or(handler),
        })
        .collect()
    }

    /// Whether a handler, or the class it is in, checks who is asking.
    pub fn guards(&self, at: At) -> bool {
        let file = &self.index.files[at.0];
        let definition = &file.definitions[at.1].definition;
        let class = match definition.kind {
            Kind::Class => Some(definition),
            _ => definition.owner.as_ref().and_then(|owner| {
                file.definitions
                    .iter()
                    .map(|defined| &defined.definition)
                    .find(|class| class.kind == Kind::Class && class.name == *owner)
            }),
        };
        let in_class =
            class.is_some_and(|class| {
                class.bases.iter().any(|base| {
                    base.contains("LoginRequired") || base.contains("PermissionRequired")
                }) || class
                    .fields
                    .iter()
                    .any(|field| field == "permission_classes")
                    || class.marks.iter().any(|mark| is_guard(&mark.name))
            });
        file.guards_all || in_class || self.marks_guard(file.language, definition)
    }

    fn marks_guard(&self, language: Language, definition: &Definition) -> bool {
        match language {
            Language::Python => python_guard(definition),
            Language::Rust => rust_guard(definition),
            _ => false,
        }
    }

    /// What the request carries: fields of the types that a body is read into,
    /// path parameters, and for a method without a body no fields of one.
    pub fn complete(&self, file: usize, framework: Framework, answer: &Answer, body: &mut Body) {
        let from = answer.handler.map_or(file, |at| at.0);
        if framework == Framework::Rails
            && let Some(at) = answer.handler
            && matches!(
                self.index.defined(at).definition.name.as_str(),
                "create" | "update"
            )
        {
            self.permitted(at, body);
        }
        for name in std::mem::take(&mut body.types) {
            let plain = name
                .rsplit(['.', ':'])
                .next()
                .unwrap_or(&name)
                .trim_matches(['[', ']', '*', '&', '?']);
            let Some(at) = self.index.definition(from, plain) else {
                continue;
            };
            let definition = &self.index.defined(at).definition;
            if definition.kind != Kind::Type && !is_model(definition) {
                continue;
            }
            body.reads_body = true;
            for field in definition.fields.iter().take(20) {
                body.inputs.entry(field.clone()).or_insert(From::Body);
            }
        }
        if matches!(answer.method.as_str(), "GET" | "HEAD") {
            body.reads_body = false;
            // There one call reads the body or the query, whatever there is.
            let either = matches!(
                framework,
                Framework::Rails | Framework::Laravel | Framework::Go
            );
            for from in body.inputs.values_mut() {
                if *from == From::Body && either {
                    *from = From::Query;
                }
            }
            body.inputs
                .retain(|_, from| !matches!(from, From::Body | From::File));
        }
        // A class has read what its methods read; these take no body.
        let whole_class = answer
            .handler
            .is_some_and(|at| self.index.defined(at).definition.kind == Kind::Class);
        if whole_class && answer.method == "DELETE" {
            body.inputs.retain(|_, from| *from != From::Body);
        }
        let params = path::params(&answer.path);
        for param in &params {
            body.inputs.insert(param.clone(), From::Path);
        }
        // A name read from the path is no field of the body.
        body.inputs
            .retain(|name, from| *from != From::Path || params.contains(name));
    }

    /// Rails: `params.require(:user).permit(...)` in a method of its own.
    fn permitted(&self, at: At, body: &mut Body) {
        let owner = &self.index.defined(at).definition.owner;
        for defined in &self.index.files[at.0].definitions {
            if defined.definition.owner == *owner && defined.definition.name.ends_with("_params") {
                for (name, from) in &defined.body.inputs {
                    body.inputs.entry(name.clone()).or_insert(*from);
                }
            }
        }
    }
}

/// Types that carry a request: pydantic models, DTOs, form requests.
fn is_model(definition: &Definition) -> bool {
    let named = [
        "Dto", "DTO", "Request", "Input", "Form", "Payload", "Create", "Update", "In",
    ]
    .iter()
    .any(|end| definition.name.ends_with(end) || definition.name.starts_with(end));
    let based = definition.bases.iter().any(|base| {
        matches!(
            base.as_str(),
            "BaseModel" | "Schema" | "SQLModel" | "FormRequest"
        )
    });
    based || named && !definition.fields.is_empty()
}

fn base_methods(bases: &[String]) -> &'static [&'static str] {
    let has = |word: &str| bases.iter().any(|base| base.contains(word));
    if has("ListCreate") {
        &["GET", "POST"]
    } else if has("RetrieveUpdateDestroy") {
        &["GET", "PUT", "PATCH", "DELETE"]
    } else if has("RetrieveUpdate") {
        &["GET", "PUT", "PATCH"]
    } else if has("CreateAPIView") {
        &["POST"]
    } else if has("DestroyAPIView") {
        &["DELETE"]
    } else if has("UpdateAPIView") {
        &["PUT", "PATCH"]
    } else if has("CreateView")
        || has("UpdateView")
        || has("FormView")
        || has("DeleteView")
        || has("LoginView")
    {
        &["GET", "POST"]
    } else {
        &["GET"]
    }
}

/// Django: decorators say what a function answers, else what it tells apart.
fn function_methods(definition: &Definition, body: &Body) -> Vec<String> {
    for mark in &definition.marks {
        match mark.name.as_str() {
            "require_POST" => return vec!["POST".to_owned()],
            "require_GET" | "require_safe" => return vec!["GET".to_owned()],
            "require_http_methods" | "api_view" => {
                let methods = mark.arg(0).map(Expr::texts).unwrap_or_default();
                if !methods.is_empty() {
                    return methods.into_iter().map(str::to_uppercase).collect();
                }
            }
            _ => {}
        }
    }
    let mut methods = vec!["GET".to_owned()];
    methods.extend(body.methods.iter().cloned());
    methods
}
