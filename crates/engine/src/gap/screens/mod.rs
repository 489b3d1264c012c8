//! Pages and forms: what a person sees and fills in.

mod form;
mod page;

use super::syntax::{Language, Module};

#[derive(Debug, Default)]
pub struct Screens {
    pub pages: Vec<Page>,
    pub forms: Vec<Form>,
    /// Routes of a router in the browser, with the component each shows.
    pub client_routes: Vec<(String, Option<String>, u32)>,
}

/// A page of its own.
#[derive(Clone, Debug)]
pub struct Page {
    /// Known from where the file is (Next.js, Nuxt, SvelteKit, static files);
    /// else it is a template, and a page only if a route renders it.
    pub path: Option<String>,
    pub title: Option<String>,
    pub heading: Option<String>,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub struct Form {
    pub action: Option<Action>,
    pub method: String,
    pub fields: Vec<Field>,
    pub submit: Option<String>,
    /// `id`, `name`, `aria-label` or handler: tells forms of a file apart.
    pub name: Option<String>,
    pub line: u32,
    /// The component it is written in.
    pub component: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Path(String),
    Named(String),
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// What a person reads beside it.
    pub label: Option<String>,
    pub kind: String,
    pub required: bool,
    /// Everything that a test could find it by.
    pub handles: Vec<String>,
}

impl Field {
    /// What to call it in a step.
    pub fn shown(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }
}

pub fn read(path: &str, language: Language, module: &Module) -> Screens {
    let mut screens = Screens::default();
    for root in &module.elements {
        form::read(root, module, &mut screens.forms);
    }
    if language == Language::Erb {
        form::read_helpers(module, &mut screens.forms);
    }
    screens.pages.extend(page::read(path, language, module));
    if matches!(language, Language::JavaScript | Language::TypeScript) {
        page::client_routes(module, &mut screens.client_routes);
    }
    screens
}
