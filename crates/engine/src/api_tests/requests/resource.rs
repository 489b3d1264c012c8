//! Things that requests refer to by id, and where one comes from that exists.

use serde_json::Value;

use super::names::{noun, plain};
use super::{Bound, Planner, path_parameters};
use crate::api_tests::document::{Method, Operation, Status};
use crate::api_tests::schema::{Flat, Fuel};

/// One thing of a kind that tests need to exist.
#[derive(Clone, Debug)]
pub struct Resource {
    /// "order line"
    pub noun: String,
    pub source: Source,
    /// Path parameters of the operation that yields it: who needs the resource
    /// has them, as its own path begins alike.
    pub needs: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// This operation makes one.
    Made { operation: usize },
    /// This operation lists them, as an array at this place.
    Listed { operation: usize, at: Vec<String> },
}

impl Source {
    pub fn operation(&self) -> usize {
        match self {
            Self::Made { operation } | Self::Listed { operation, .. } => *operation,
        }
    }
}

impl<'d> Planner<'d> {
    /// Where the value of `parameter` comes from, for members of `collection`.
    pub(super) fn field(
        &mut self,
        collection: &str,
        parameter: &str,
        user: Option<&Operation>,
    ) -> Option<Bound> {
        let resource = match self.known.get(collection) {
            Some(known) => *known,
            None => {
                let found = self.look_for(collection)?;
                self.known.insert(collection.to_owned(), found);
                found
            }
        };
        let path = self.field_path(resource, parameter, user)?;
        Some(Bound::Field(resource, path))
    }

    fn look_for(&mut self, collection: &str) -> Option<usize> {
        let with_slash = format!("{collection}/");
        let at = |planner: &Self, method| {
            [collection, &with_slash]
                .into_iter()
                .find_map(|path| planner.by_name.get(&(method, path)).copied())
        };
        let source = self
            .usable(at(self, Method::Post))
            .filter(|operation| self.answer(*operation).is_some())
            .map(|operation| Source::Made { operation })
            .or_else(|| {
                let operation = self.usable(at(self, Method::Get))?;
                let at = self.list(operation)?;
                Some(Source::Listed { operation, at })
            })?;
        let operation = &self.document.operations[source.operation()];
        self.resources.push(Resource {
            noun: noun(collection),
            needs: path_parameters(&operation.path)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            source,
        });
        Some(self.resources.len() - 1)
    }

    /// The operation, if a request to it can be written.
    fn usable(&mut self, operation: Option<usize>) -> Option<usize> {
        let operation = operation?;
        let request = self.request(operation)?;
        request.lacks.is_none().then_some(operation)
    }

    /// Schema of what the operation answers when it succeeds.
    fn answer(&self, operation: usize) -> Option<&'d Value> {
        self.document.operations[operation]
            .responses
            .iter()
            .filter(|response| match response.status {
                Status::Code(code) => (200..300).contains(&code),
                Status::Class(class) => class == 2,
                Status::Default => false,
            })
            .find_map(|response| response.schema.as_ref())
    }

    fn flat(&self, schemas: &[&'d Value]) -> Option<Flat<'d>> {
        Flat::of(&self.document.schemas, schemas, Some(0), &mut Fuel(2_000))
    }

    /// Where in its answer an operation lists things: the answer itself, or a
    /// property of it.
    fn list(&self, operation: usize) -> Option<Vec<String>> {
        let flat = self.flat(&[self.answer(operation)?])?;
        if flat.kind() == "array" {
            return Some(Vec::new());
        }
        flat.properties.iter().find_map(|(name, schemas)| {
            let property = self.flat(schemas)?;
            (property.kind() == "array" && !property.items.is_empty())
                .then(|| vec![name.to_owned()])
        })
    }

    /// The field that holds what `parameter` asks for.
    fn field_path(
        &self,
        resource: usize,
        parameter: &str,
        user: Option<&Operation>,
    ) -> Option<Vec<String>> {
        let Resource { noun, source, .. } = &self.resources[resource];
        let answer = self.answer(source.operation())?;
        let (Source::Made { .. }, operation) = (source, source.operation()) else {
            let Source::Listed { at, .. } = source else {
                return None;
            };
            let mut list = self.flat(&[answer])?;
            for name in at {
                list = self.flat(list.properties.get(name)?)?;
            }
            return self.field_in(&list.items, noun, parameter);
        };
        // The document may say it outright.
        let linked = user.and_then(|user| {
            self.document.operations[operation]
                .responses
                .iter()
                .flat_map(|response| &response.links)
                .filter(|link| Some(&link.operation_id) == user.id.as_ref())
                .flat_map(|link| &link.parameters)
                .find(|(name, _)| name == parameter)
        });
        if let Some((_, pointer)) = linked {
            return Some(
                pointer
                    .split('/')
                    .skip(1)
                    .map(|token| token.replace("~1", "/").replace("~0", "~"))
                    .collect(),
            );
        }
        self.field_in(&[answer], noun, parameter)
    }

    /// In the object itself, or inside of a wrapper such as `data`.
    fn field_in(&self, schemas: &[&'d Value], noun: &str, parameter: &str) -> Option<Vec<String>> {
        let object = self.flat(schemas)?;
        if let Some(name) = id_among(object.properties.iter().map(|it| it.0), noun, parameter) {
            return Some(vec![name.to_owned()]);
        }
        object
            .properties
            .iter()
            .filter(|(name, _)| {
                ["data", "result", "item"].contains(name) || plain(name) == plain(noun)
            })
            .find_map(|(wrapper, schemas)| {
                let inner = self.flat(schemas)?;
                let names = inner.properties.iter().map(|it| it.0);
                let name = id_among(names, noun, parameter)?;
                Some(vec![wrapper.to_owned(), name.to_owned()])
            })
    }
}

/// The field that a parameter of this name means.
fn id_among<'n>(
    names: impl Iterator<Item = &'n str>,
    noun: &str,
    parameter: &str,
) -> Option<&'n str> {
    let names: Vec<_> = names.collect();
    let parameter = plain(parameter);
    let noun = plain(noun);
    let short = parameter.strip_prefix(&noun).unwrap_or(&parameter);
    let mut wanted = vec![parameter.clone(), short.to_owned()];
    if parameter.ends_with("id") || parameter == noun {
        wanted.extend(["id".to_owned(), format!("{noun}id"), "uuid".to_owned()]);
    }
    wanted
        .iter()
        .filter(|it| !it.is_empty())
        .find_map(|wanted| names.iter().find(|name| plain(name) == *wanted).copied())
}
