//! The cases as a Playwright test, as a person would have written it.

mod answer;
mod head;
mod request;
mod typescript;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::cases::{Case, Send};
use super::document::{Credential, Method, SecurityScheme};
use super::requests::{Bound, Requests, Resource, Source, UNIQUE, environment, noun};
use super::schema::Spot;
use answer::checks;
use request::Caller;
use typescript::{Names, comment, member, text, value};

/// TypeScript for `@playwright/test`.
pub fn script(requests: &Requests<'_>, cases: &[Case], notes: &[String]) -> String {
    let scope = Scope::new(requests, cases);
    let mut tests = String::new();
    let mut order = Vec::new();
    let mut by_operation: HashMap<usize, Vec<&Case>> = HashMap::new();
    for case in cases {
        let of_operation = by_operation.entry(case.operation).or_default();
        if of_operation.is_empty() {
            order.push(case.operation);
        }
        of_operation.push(case);
    }
    for operation in order {
        tests.push_str(&scope.describe(operation, &by_operation[&operation]));
    }
    let helpers = scope.helpers();
    let used = format!("{helpers}{tests}");
    let mut out = scope.header(notes, &used);
    out.push_str(&scope.preamble(&used));
    out.push_str(&helpers);
    out.push_str(&tests);
    out
}

/// The names that a file gives to things.
pub struct Scope<'s> {
    pub requests: &'s Requests<'s>,
    /// Function that gives a scheme's credentials, by the scheme's name.
    schemes: BTreeMap<String, String>,
    /// Environment variables with what they hold.
    variables: Vec<(String, String)>,
    /// Base body, by operation.
    bodies: BTreeMap<usize, BaseBody>,
    /// Function and variable of a resource; those that are needed.
    resources: BTreeMap<usize, (String, String)>,
    credentials: HashMap<String, Vec<String>>,
}

/// The body that an operation's tests start from.
pub struct BaseBody {
    name: String,
    /// It is different in each run, so it is made anew.
    is_function: bool,
}

impl BaseBody {
    fn expression(&self) -> String {
        if self.is_function {
            format!("{}()", self.name)
        } else {
            self.name.clone()
        }
    }

    /// What stands for the base in a test that changes it at `spot`.
    fn local(&self, spot: &Spot) -> String {
        if self.is_function && spot.0.len() > 1 {
            return "body".to_owned();
        }
        self.expression()
    }
}

impl<'s> Scope<'s> {
    fn new(requests: &'s Requests<'s>, cases: &[Case]) -> Self {
        let mut scope = Self {
            requests,
            schemes: BTreeMap::new(),
            variables: Vec::new(),
            bodies: BTreeMap::new(),
            resources: BTreeMap::new(),
            credentials: HashMap::new(),
        };
        let mut names = Names::default();
        let mut operations = Vec::new();
        let mut seen = HashSet::new();
        for case in cases.iter().filter(|case| case.send != Send::ByHand) {
            if seen.insert(case.operation) {
                operations.push(case.operation);
            }
        }
        // What makes the things that are needed is called too.
        let mut waiting = operations.clone();
        while let Some(operation) = waiting.pop() {
            let request = requests.of(operation);
            let bound = request
                .path
                .iter()
                .chain(request.body.iter().flat_map(|body| &body.bound));
            for (_, bound) in bound {
                if let Bound::Field(resource, _) = bound
                    && !scope.resources.contains_key(resource)
                {
                    let Resource { noun, source, .. } = &requests.resources[*resource];
                    let verb = match source {
                        Source::Made { .. } => "create",
                        Source::Listed { .. } => "first",
                    };
                    let function = names.take(&format!("{verb} {noun}"));
                    let variable = names.take(noun);
                    scope.resources.insert(*resource, (function, variable));
                    let maker = source.operation();
                    if seen.insert(maker) {
                        operations.push(maker);
                        waiting.push(maker);
                    }
                }
                if let Bound::Given(variable) = bound {
                    scope.variable(variable, "id of one that exists");
                }
            }
        }
        for operation in &operations {
            for scheme in &requests.of(*operation).credentials {
                if let Some(scheme) = requests.scheme(scheme) {
                    scope.name_scheme(scheme, &mut names);
                }
            }
        }
        for operation in operations {
            scope.name_body(operation, &mut names);
        }
        scope
    }

    fn variable(&mut self, name: &str, holds: &str) {
        if self.variables.iter().all(|(known, _)| known != name) {
            self.variables.push((name.to_owned(), holds.to_owned()));
        }
    }

    fn name_scheme(&mut self, scheme: &SecurityScheme, names: &mut Names) {
        if self.schemes.contains_key(&scheme.name) {
            return;
        }
        let wanted: &[(&str, &str)] = match scheme.credential {
            Credential::Bearer => &[("TOKEN", "a valid bearer token")],
            Credential::Basic => &[("USERNAME", "a valid user"), ("PASSWORD", "their password")],
            Credential::HeaderKey(_) | Credential::QueryKey(_) => &[("KEY", "a valid key")],
            Credential::CookieKey(_) => &[("SESSION", "a valid session cookie's value")],
            Credential::Other(_) => &[],
        };
        let variables: Vec<String> = wanted
            .iter()
            .map(|(what, holds)| {
                // The first of its kind has the short name.
                let short = format!("API_{what}");
                let name = if self.variables.iter().all(|(known, _)| *known != short) {
                    short
                } else {
                    let of_scheme = environment(&scheme.name);
                    self.free_variable(format!("{of_scheme}_{what}"))
                };
                self.variable(&name, &format!("{holds} ({})", comment(&scheme.name)));
                name
            })
            .collect();
        self.credentials.insert(scheme.name.clone(), variables);
        let function = names.take(&scheme.name);
        self.schemes.insert(scheme.name.clone(), function);
    }

    fn free_variable(&self, name: String) -> String {
        let mut free = name.clone();
        let mut number = 1;
        while self.variables.iter().any(|(known, _)| *known == free) {
            number += 1;
            free = format!("{name}_{number}");
        }
        free
    }

    fn name_body(&mut self, index: usize, names: &mut Names) {
        let operation = &self.requests.document.operations[index];
        let Some(body) = &self.requests.of(index).body else {
            return;
        };
        if self.bodies.contains_key(&index) {
            return;
        }
        let noun = noun(&operation.path);
        let ends_in_parameter = operation.path.trim_end_matches('/').ends_with('}');
        let words = match (operation.method, ends_in_parameter) {
            (Method::Post, false) => format!("new {noun}"),
            (Method::Patch, _) => format!("{noun} change"),
            (Method::Put, _) => format!("{noun} replacement"),
            _ => format!("{noun} data"),
        };
        self.bodies.insert(
            index,
            BaseBody {
                name: names.take(&words),
                is_function: body.value.to_string().contains(UNIQUE),
            },
        );
    }

    pub fn scheme(&self, name: &str) -> &str {
        self.schemes.get(name).map_or("credentials", String::as_str)
    }

    /// Where a value comes from at run time.
    pub fn expression(&self, bound: &Bound) -> String {
        match bound {
            Bound::Value(it) => value(it, 0),
            Bound::Given(variable) => format!("given('{variable}')"),
            Bound::Field(resource, path) => {
                let variable = self.resources.get(resource).map_or("", |it| it.1.as_str());
                path.iter()
                    .fold(variable.to_owned(), |of, name| member(&of, name))
            }
        }
    }

    fn caller(&self, operation: usize) -> Caller<'_> {
        Caller {
            scope: self,
            operation: &self.requests.document.operations[operation],
            request: self.requests.of(operation),
            base: self.bodies.get(&operation),
        }
    }

    fn in_path(&self, operation: usize) -> Vec<usize> {
        self.requests
            .of(operation)
            .path
            .iter()
            .filter_map(|(_, bound)| match bound {
                Bound::Field(resource, _) => Some(*resource),
                _ => None,
            })
            .collect()
    }

    /// `const order = await createOrder(request);`
    fn have(&self, resource: usize, indent: usize) -> String {
        let Some((function, variable)) = self.resources.get(&resource) else {
            return String::new();
        };
        let operation = self.requests.resources[resource].source.operation();
        let arguments: String = self
            .in_path(operation)
            .iter()
            .filter_map(|it| self.resources.get(it))
            .map(|(_, variable)| format!(", {variable}"))
            .collect();
        format!(
            "{}const {variable} = await {function}(request{arguments});\n",
            " ".repeat(indent)
        )
    }

    fn describe(&self, operation: usize, cases: &[&Case]) -> String {
        let caller = self.caller(operation);
        let mut out = format!(
            "test.describe({}, () => {{\n",
            text(&caller.operation.name())
        );
        let tests: Vec<_> = cases.iter().map(|case| self.test(&caller, case)).collect();
        out.push_str(&tests.join("\n"));
        out.push_str("});\n\n");
        out
    }

    fn test(&self, caller: &Caller<'_>, case: &Case) -> String {
        let title = text(&case.what);
        if case.send == Send::ByHand {
            return format!(
                "  test.fixme({title}, async () => {{\n    // The specification does not say how to bring this about.\n  }});\n"
            );
        }
        let mut out = format!("  test({title}, async ({{ request }}) => {{\n");
        for (resource, _) in case.send.resources(self.requests, case.operation) {
            out.push_str(&self.have(resource, 4));
        }
        let checks = checks(
            &self.requests.document.schemas,
            caller.operation,
            case.kind,
            &case.expected,
        );
        let base = caller.base.filter(|base| base.is_function);
        match (&case.send, base) {
            (Send::BodyChange(Spot(steps), _), Some(base)) if steps.len() > 1 => {
                out.push_str(&format!("    const body = {};\n", base.expression()));
            }
            _ => {}
        }
        if case.send == Send::Twice {
            // The very same body, not another unique one.
            let same = BaseBody {
                name: "body".to_owned(),
                is_function: false,
            };
            let call = match base {
                Some(base) => {
                    out.push_str(&format!("    const body = {};\n", base.expression()));
                    let base = Some(&same);
                    Caller { base, ..*caller }.call(&Send::AsPlanned, 4)
                }
                None => caller.call(&Send::AsPlanned, 4),
            };
            out.push_str(&format!("    const send = () => {call};\n"));
            out.push_str("    expect((await send()).ok()).toBe(true);\n");
            out.push_str("    const response = await send();\n");
        } else {
            out.push_str(&format!(
                "    const response = await {};\n",
                caller.call(&case.send, 4)
            ));
        }
        for line in checks {
            for line in line.lines() {
                out.push_str(&format!("    {line}\n"));
            }
        }
        out.push_str("  });\n");
        out
    }
}
