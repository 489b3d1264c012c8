//! What stands before the tests: what the file needs, credentials, bodies to
//! start from, and the functions that make what a test needs.

use std::collections::HashSet;

use serde_json::Value;

use super::super::cases::Send;
use super::super::document::{Credential, Encoding};
use super::super::requests::{BodyValue, Requests, Source};
use super::super::schema::{Flat, Fuel, Spot, Step};
use super::Scope;
use super::typescript::{comment, key, list, member, text, value};

impl Scope<'_> {
    pub(super) fn header(&self, notes: &[String], used: &str) -> String {
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

    pub(super) fn preamble(&self, used: &str) -> String {
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

    pub(super) fn helpers(&self) -> String {
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
