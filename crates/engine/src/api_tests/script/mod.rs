//! The cases as a Playwright test, as a person would have written it.

mod answer;
mod request;
mod typescript;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::cases::{Case, Send};
use super::document::{Credential, Encoding, Method, SecurityScheme};
use super::requests::{BodyValue, Bound, Requests, Resource, Source, UNIQUE, environment, noun};
use super::schema::{Flat, Fuel, Spot, Step};
use answer::checks;
use request::Caller;
use typescript::{Names, comment, key, list, member, text, value};

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

    fn header(&self, notes: &[String], used: &str) -> String {
        let document = self.requests.document;
        let mut lines =
            vec![
            format!("{} {}", comment(&document.title), comment(&document.version))
                .trim()
                .to_owned(),
            String::new(),
            "API_BASE_URL says where the API runs, without the paths below; so does `baseURL` in"
                .to_owned(),
            "the configuration.".to_owned(),
        ];
        let variables: Vec<_> = self
            .variables
            .iter()
            .filter(|(name, _)| used.contains(&format!("'{name}'")))
            .collect();
        if !variables.is_empty() {
            lines.push(String::new());
            let width = variables.iter().map(|(name, _)| name.len()).max();
            for (name, holds) in variables {
                let name = format!("{name:width$}", width = width.unwrap_or(0));
                lines.push(format!("{name}  {holds}"));
            }
        }
        if self
            .resources
            .keys()
            .any(|it| matches!(self.requests.resources[*it].source, Source::Made { .. }))
        {
            lines.push(String::new());
            lines.push("The tests make what they need, and leave it behind.".to_owned());
        }
        for note in notes {
            lines.push(String::new());
            lines.push(format!("Note: {}.", comment(note)));
        }
        let lines: Vec<_> = lines
            .iter()
            .map(|line| format!("// {line}").trim_end().to_owned())
            .collect();
        lines.join("\n") + "\n"
    }

    fn preamble(&self, used: &str) -> String {
        let mut out = String::new();
        if used.contains("unique()") {
            out.push_str("import { randomUUID } from 'node:crypto';\n\n");
        }
        let types = if used.contains("APIRequestContext") {
            ", type APIRequestContext"
        } else {
            ""
        };
        out.push_str(&format!(
            "import {{ expect, test{types} }} from '@playwright/test';\n\n"
        ));
        let fallback = match &self.requests.document.server.origin {
            Some(origin) => format!(" ?? {}", text(origin)),
            None => String::new(),
        };
        out.push_str(&format!(
            "test.use({{\n  baseURL: async ({{ baseURL }}, use) => {{\n    await use(process.env.API_BASE_URL ?? baseURL{fallback});\n  }},\n}});\n\n"
        ));
        if used.contains("env('") {
            out.push_str(
                "function env(name: string): string {\n  const value = process.env[name];\n  if (!value) throw new Error(`${name} is not set`);\n  return value;\n}\n\n",
            );
        }
        if used.contains("given('") {
            out.push_str(
                "/** What only you know; without it the test is skipped. */\nfunction given(name: string): string {\n  test.skip(!process.env[name], `${name} is not set`);\n  return process.env[name] ?? '';\n}\n\n",
            );
        }
        if used.contains("without(") {
            out.push_str(
                "function without(fields: Record<string, any>, name: string) {\n  const { [name]: _, ...others } = fields;\n  return others;\n}\n\n",
            );
        }
        if used.contains("unique()") {
            out.push_str(
                "/** Tells what one run makes from what another made. */\nconst unique = () => randomUUID().slice(0, 8);\n\n",
            );
        }
        out
    }

    fn helpers(&self) -> String {
        let mut out = String::new();
        for (scheme, function) in &self.schemes {
            out.push_str(&self.credential(scheme, function));
        }
        if !self.schemes.is_empty() {
            out.push('\n');
        }
        for (operation, base) in &self.bodies {
            let Some(body) = &self.requests.of(*operation).body else {
                continue;
            };
            let value = base_value(body, self.requests, *operation);
            out.push_str(&if base.is_function {
                format!("const {} = () => ({value});\n\n", base.name)
            } else {
                format!("const {} = {value};\n\n", base.name)
            });
        }
        for (resource, (function, _)) in &self.resources {
            out.push_str(&self.maker(*resource, function));
        }
        out
    }

    fn credential(&self, name: &str, function: &str) -> String {
        let none = Vec::new();
        let variables = self.credentials.get(name).unwrap_or(&none);
        let env = |index: usize| {
            let name = variables.get(index).map_or("", String::as_str);
            format!("env('{name}')")
        };
        let credential = self.requests.scheme(name).map(|it| &it.credential);
        match credential {
            Some(Credential::Bearer) => format!(
                "const {function} = () => ({{ Authorization: `Bearer ${{{}}}` }});\n",
                env(0)
            ),
            Some(Credential::Basic) => format!(
                "const {function} = () => ({{\n  Authorization: `Basic ${{Buffer.from(`${{{}}}:${{{}}}`).toString('base64')}}`,\n}});\n",
                env(0),
                env(1)
            ),
            Some(Credential::HeaderKey(name) | Credential::QueryKey(name)) => format!(
                "const {function} = () => ({{ {}: {} }});\n",
                key(name),
                env(0)
            ),
            Some(Credential::CookieKey(_)) => format!("const {function} = () => {};\n", env(0)),
            Some(Credential::Other(_)) | None => String::new(),
        }
    }

    /// The function that makes a resource, or finds one.
    fn maker(&self, index: usize, function: &str) -> String {
        let resource = &self.requests.resources[index];
        let operation = resource.source.operation();
        let caller = self.caller(operation);
        let name = comment(&caller.operation.name());
        // What stands in the path is handed in by who needs the resource.
        let from_path: Vec<usize> = self.in_path(operation);
        let parameters: String = from_path
            .iter()
            .filter_map(|it| self.resources.get(it))
            .map(|(_, variable)| format!(", {variable}: any"))
            .collect();
        let mut out = format!(
            "/** {name} */\nasync function {function}(request: APIRequestContext{parameters}) {{\n"
        )
        .replace("*/ */", "* / */");
        for (other, _) in Send::AsPlanned.resources(self.requests, operation) {
            if !from_path.contains(&other) {
                out.push_str(&self.have(other, 2));
            }
        }
        out.push_str(&format!(
            "  const response = await {};\n",
            caller.call(&Send::AsPlanned, 2)
        ));
        out.push_str("  expect(response.ok(), await response.text()).toBe(true);\n");
        match &resource.source {
            Source::Made { .. } => out.push_str("  return response.json();\n"),
            Source::Listed { at, .. } => {
                let list = at
                    .iter()
                    .fold("(await response.json())".to_owned(), |of, name| {
                        member(&of, name)
                    });
                out.push_str(&format!("  const [first] = {list};\n"));
                out.push_str(&format!(
                    "  test.skip(!first, {});\n  return first;\n",
                    text(&format!("{name} lists none"))
                ));
            }
        }
        out.push_str("}\n\n");
        out
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

/// The base without what is filled in at run time, and with files as Playwright
/// wants them.
fn base_value(body: &BodyValue, requests: &Requests<'_>, operation: usize) -> String {
    let mut base = body.value.clone();
    for (name, _) in &body.bound {
        base = Spot(vec![Step::Property(name.clone())]).put(&base, None);
    }
    let (Encoding::Multipart, Value::Object(fields)) = (body.encoding, &base) else {
        return value(&base, 0);
    };
    let files = requests.document.operations[operation]
        .body
        .as_ref()
        .map(|body| file_fields(requests, &body.schema))
        .unwrap_or_default();
    let parts = fields.iter().map(|(name, field)| {
        let field = match field {
            Value::String(content) if files.contains(name) => format!(
                "{{ name: 'example.txt', mimeType: 'text/plain', buffer: Buffer.from({}) }}",
                text(content)
            ),
            Value::Object(_) | Value::Array(_) => text(&field.to_string()),
            other => value(other, 2),
        };
        format!("{}: {field}", key(name))
    });
    list('{', parts, '}', 0)
}

/// Names of the fields that hold a file.
fn file_fields(requests: &Requests<'_>, schema: &Value) -> HashSet<String> {
    let schemas = &requests.document.schemas;
    let mut fuel = Fuel(2_000);
    let Some(flat) = Flat::of(schemas, &[schema], Some(0), &mut fuel) else {
        return HashSet::new();
    };
    flat.properties
        .iter()
        .filter(|(_, schemas_of)| {
            Flat::of(schemas, schemas_of, Some(0), &mut fuel)
                .is_some_and(|it| matches!(it.format, Some("binary" | "byte")))
        })
        .map(|(name, _)| name.to_owned())
        .collect()
}
