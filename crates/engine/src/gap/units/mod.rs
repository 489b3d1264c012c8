//! What there is to test: endpoints, pages, forms, flows through a resource,
//! exported functions and classes.

mod module;
mod screen;

use std::collections::{HashMap, HashSet};

use super::index::{At, Index};
use super::link::Endpoint;
use super::routes::Framework;
use super::routes::path::{Segment, params, segments};
use super::screens::{Form, Page};

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
    let pages = screen::pages(index, endpoints);
    screen::forms(index, endpoints, &pages, &mut units);
    let page_files: HashSet<(usize, u32)> =
        pages.iter().map(|page| (page.file, page.line)).collect();
    units.extend(pages);
    flows(endpoints, &mut units);
    module::find(index, endpoints, &page_files, &mut units);
    units
}

/// Whether a route is called so: `polls:index`, `auth.login`, `users.index`.
pub fn is_named(endpoint: &Endpoint, name: &str) -> bool {
    endpoint.name.as_deref().is_some_and(|known| {
        known == name
            || name.rsplit([':', '.']).next() == Some(known)
                && endpoint.framework != Framework::Laravel
    })
}

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
