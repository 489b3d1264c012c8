//! Which units a test reaches: it calls the URL, names the handler, imports the
//! module and uses the name, or visits the page and touches the form.

mod links;

use std::collections::{HashMap, HashSet};

use links::{Link, links};

use super::index::{At, Index, directory};
use super::link::Endpoint;
use super::matching::{Goal, best, patterns};
use super::reach::{Reach, Request};
use super::screens::Form;
use super::syntax::{Kind, Language};
use super::units::{Unit, What};

/// More tests than this that say the same name are not looked through.
const MENTIONS: usize = 500;

pub struct Coverage<'i, 'f> {
    index: &'i Index<'f>,
    endpoints: &'i [Endpoint],
    /// Files with tests in them.
    tests: Vec<(usize, &'f Reach)>,
    links: Vec<Vec<Link>>,
    mentions: HashMap<&'f str, Vec<usize>>,
    /// Endpoints that a request reaches.
    called: HashSet<usize>,
    /// Tests by the pages, by path, that they visit.
    visits: HashMap<String, Vec<usize>>,
    touched: HashSet<usize>,
}

impl<'i, 'f> Coverage<'i, 'f> {
    pub fn new(index: &'i Index<'f>, endpoints: &'i [Endpoint], units: &[Unit<'f>]) -> Self {
        let tests: Vec<(usize, &'f Reach)> = index
            .files
            .iter()
            .enumerate()
            .filter_map(|(at, file)| Some((at, file.reach.as_ref()?)))
            .collect();
        let links: Vec<Vec<Link>> = tests
            .iter()
            .map(|(file, reach)| links(index, *file, reach))
            .collect();
        let touched = links
            .iter()
            .flatten()
            .flat_map(|link| link.files.iter().copied())
            .collect();
        let mut coverage = Self {
            index,
            endpoints,
            tests,
            links,
            mentions: HashMap::new(),
            called: HashSet::new(),
            visits: HashMap::new(),
            touched,
        };
        coverage.collect_mentions();
        coverage.collect_requests(units);
        coverage.submit_forms(units);
        for at in &coverage.called {
            let endpoint = &endpoints[*at];
            coverage.touched.insert(endpoint.file);
            coverage.touched.extend(endpoint.handler.map(|at| at.0));
        }
        coverage
    }

    /// Number of files that hold tests.
    pub fn test_files(&self) -> usize {
        self.tests.len()
    }

    /// Whether a test imports the file, stands in it, or in Go beside it.
    pub fn is_touched(&self, file: usize) -> bool {
        self.touched.contains(&file)
            || self.index.files[file].reach.is_some()
            || self.index.files[file].language == Language::Go
                && self
                    .index
                    .neighbours(file)
                    .iter()
                    .any(|other| self.index.files[*other].reach.is_some())
    }

    pub fn reaches(&self, unit: &Unit<'f>) -> bool {
        match &unit.what {
            What::Endpoint(at) => {
                self.called.contains(at)
                    || self.endpoints[*at]
                        .handler
                        .is_some_and(|handler| self.names_definition(handler))
            }
            What::Page {
                path,
                endpoint,
                component,
                ..
            } => {
                self.visits.contains_key(path)
                    || endpoint.is_some_and(|at| self.called.contains(&at))
                    || component.is_some_and(|at| self.names_definition(at))
                    || self.names_page(unit)
            }
            What::Form {
                form,
                path,
                endpoint,
            } => {
                endpoint.is_some_and(|at| self.called.contains(&at))
                    || path.as_deref().is_some_and(|path| self.fills(path, form))
                    || self.renders_and_fills(unit.file, form)
            }
            What::Flow(steps) => steps.iter().any(|at| self.called.contains(at)),
            What::Function(at) | What::Class { at, .. } => self.names_definition(*at),
        }
    }

    fn collect_mentions(&mut self) {
        let mut wanted: HashSet<&str> = HashSet::new();
        for file in self.index.files {
            for defined in &file.definitions {
                wanted.insert(&defined.definition.name);
                if let Some(owner) = &defined.definition.owner {
                    wanted.insert(owner.rsplit('.').next().unwrap_or(owner));
                }
            }
        }
        for (test, (_, reach)) in self.tests.iter().enumerate() {
            for name in reach.identifiers.iter().chain(&reach.strings) {
                if wanted.contains(name.as_str()) {
                    let mentions = self.mentions.entry(name).or_default();
                    if mentions.len() < MENTIONS {
                        mentions.push(test);
                    }
                }
            }
        }
        for mentions in self.mentions.values_mut() {
            mentions.dedup();
        }
    }

    fn collect_requests(&mut self, units: &[Unit<'f>]) {
        let patterns = patterns(self.endpoints, units);
        let mut known: HashMap<&Request, Vec<usize>> = HashMap::new();
        for (test, (_, reach)) in self.tests.iter().enumerate() {
            for request in &reach.requests {
                known.entry(request).or_default().push(test);
            }
        }
        for (request, tests) in known {
            for pattern in best(&patterns, self.endpoints, request) {
                match pattern {
                    Goal::Endpoint(at) => {
                        self.called.insert(at);
                        if request.method == "GET" {
                            let path = self.endpoints[at].path.clone();
                            self.visits.entry(path).or_default().extend(&tests);
                        }
                    }
                    Goal::Page(path) => {
                        self.visits.entry(path).or_default().extend(&tests);
                    }
                }
            }
        }
    }

    /// A form that a test fills in is sent to its endpoint.
    fn submit_forms(&mut self, units: &[Unit<'f>]) {
        let sent: Vec<usize> = units
            .iter()
            .filter_map(|unit| match &unit.what {
                What::Form {
                    form,
                    path: Some(path),
                    endpoint: Some(endpoint),
                } if self.fills(path, form) => Some(*endpoint),
                _ => None,
            })
            .collect();
        self.called.extend(sent);
    }

    /// A browser test visits the page and uses a field or the button.
    fn fills(&self, path: &str, form: &Form) -> bool {
        self.visits.get(path).is_some_and(|tests| {
            tests.iter().any(|test| {
                let (_, reach) = self.tests[*test];
                reach.browser && uses(reach, form)
                    || self.index.files[self.tests[*test].0].language == Language::Ruby
                        && uses(reach, form)
            })
        })
    }

    /// A component test imports what holds the form, and uses it.
    fn renders_and_fills(&self, file: usize, form: &Form) -> bool {
        self.links.iter().enumerate().any(|(test, links)| {
            links.iter().any(|link| link.files.contains(&file)) && uses(self.tests[test].1, form)
        })
    }

    fn names_page(&self, unit: &Unit<'_>) -> bool {
        let language = self.index.files[unit.file].language;
        let component =
            language.is_script() && matches!(unit.what, What::Page { page: Some(_), .. });
        component
            && self
                .links
                .iter()
                .flatten()
                .any(|link| link.files.contains(&unit.file))
    }

    /// A test names a definition in a way that means this one.
    fn names_definition(&self, at: At) -> bool {
        let definition = &self.index.defined(at).definition;
        let language = self.index.files[at.0].language;
        let owner = definition
            .owner
            .as_deref()
            .map(|owner| owner.rsplit('.').next().unwrap_or(owner));
        let global = matches!(language, Language::Java | Language::Ruby | Language::Php);
        // Where a class is known everywhere, its name is enough; its method
        // needs its own beside it.
        let (first, second) = match owner {
            Some(owner) if definition.kind == Kind::Method => {
                (owner, Some(definition.name.as_str()))
            }
            _ => (definition.name.as_str(), None),
        };
        if matches!(language, Language::Go | Language::Rust) {
            return self
                .mentioned(&definition.name)
                .any(|test| self.is_near(test, at));
        }
        if definition.name == "default" {
            return self
                .links
                .iter()
                .flatten()
                .any(|link| link.files.contains(&at.0) && link.takes("default"));
        }
        self.mentioned(first).any(|test| {
            let reach = self.tests[test].1;
            let both = second.is_none_or(|name| {
                reach.identifiers.contains(name) || reach.strings.contains(name)
            });
            let kin = self.index.files[self.tests[test].0]
                .language
                .is_kin_of(language);
            both && kin && (global || self.takes(test, at, first))
        }) || second.is_some_and(|name| {
            // `controller.create`, where the module exports the object.
            !global && self.mentioned(name).any(|test| self.takes(test, at, name))
        }) || second.is_none() && self.takes_default(at)
    }

    fn mentioned(&self, name: &str) -> impl Iterator<Item = usize> {
        self.mentions.get(name).into_iter().flatten().copied()
    }

    fn takes(&self, test: usize, at: At, name: &str) -> bool {
        self.links[test]
            .iter()
            .any(|link| link.files.contains(&at.0) && link.takes(name))
            || self.tests[test].0 == at.0
    }

    /// A default import has whatever name the test gives it.
    fn takes_default(&self, at: At) -> bool {
        let file = &self.index.files[at.0];
        let script = matches!(file.language, Language::JavaScript | Language::TypeScript);
        let alone = file
            .definitions
            .iter()
            .filter(|defined| defined.definition.exported && defined.definition.owner.is_none())
            .count()
            == 1;
        script
            && alone
            && self
                .links
                .iter()
                .flatten()
                .any(|link| link.files.contains(&at.0) && link.names.contains("default"))
    }

    /// Go: the same package, or one that imports it. Rust: the same crate.
    fn is_near(&self, test: usize, at: At) -> bool {
        let file = self.tests[test].0;
        let (test_path, path) = (&self.index.files[file].path, &self.index.files[at.0].path);
        match self.index.files[at.0].language {
            Language::Go => {
                directory(test_path) == directory(path)
                    || self.links[test]
                        .iter()
                        .any(|link| link.files.contains(&at.0))
            }
            _ => {
                let root = |path: &str| {
                    ["src", "tests", "benches"]
                        .iter()
                        .filter_map(|part| {
                            if path.starts_with(&format!("{part}/")) {
                                Some(0)
                            } else {
                                path.find(&format!("/{part}/"))
                            }
                        })
                        .min()
                        .map(|at| path[..at].to_owned())
                };
                self.index.files[file].language == Language::Rust && root(test_path) == root(path)
            }
        }
    }
}

/// Whether a test looks for something of the form.
fn uses(reach: &Reach, form: &Form) -> bool {
    let handles = form
        .fields
        .iter()
        .flat_map(|field| field.handles.iter())
        .chain(form.submit.as_ref());
    handles
        .filter(|handle| handle.len() > 1)
        .any(|handle| reach.strings.iter().any(|text| mentions(text, handle)))
}

/// Whether `#email`, `[name=email]` or `Email` mention a handle as a word.
fn mentions(text: &str, handle: &str) -> bool {
    let lower = text.to_lowercase();
    let handle = handle.to_lowercase();
    lower.match_indices(&handle).any(|(at, _)| {
        let before = lower[..at].chars().next_back();
        let after = lower[at + handle.len()..].chars().next();
        let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        edge(before) && edge(after)
    })
}
