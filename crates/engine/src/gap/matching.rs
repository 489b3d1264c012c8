//! Which route a test's request goes to.

use super::link::Endpoint;
use super::reach::{Request, Target};
use super::routes::Framework;
use super::routes::path::{Segment, segments};
use super::units::{Unit, What, is_named};

#[derive(Clone)]
pub enum Goal {
    Endpoint(usize),
    Page(String),
}

pub struct Pattern {
    goal: Goal,
    method: String,
    segments: Vec<Segment>,
    open: bool,
    loose_update: bool,
}

pub fn patterns(endpoints: &[Endpoint], units: &[Unit<'_>]) -> Vec<Pattern> {
    let mut found: Vec<Pattern> = endpoints
        .iter()
        .enumerate()
        .map(|(at, endpoint)| Pattern {
            goal: Goal::Endpoint(at),
            method: endpoint.method.clone(),
            segments: segments(&endpoint.path),
            open: endpoint.open,
            loose_update: matches!(endpoint.framework, Framework::Rails | Framework::Laravel),
        })
        .collect();
    for unit in units {
        if let What::Page {
            path,
            endpoint: None,
            ..
        } = &unit.what
        {
            found.push(Pattern {
                goal: Goal::Page(path.clone()),
                method: "GET".to_owned(),
                segments: segments(path.strip_suffix(".html").unwrap_or(path)),
                open: false,
                loose_update: false,
            });
        }
    }
    found
}

/// The routes that a request goes to: of those that match the most literal.
pub fn best(patterns: &[Pattern], endpoints: &[Endpoint], request: &Request) -> Vec<Goal> {
    let (segments, open) = match &request.target {
        Target::Named(name) => {
            return endpoints
                .iter()
                .enumerate()
                .filter(|(_, endpoint)| is_named(endpoint, name))
                .filter(|(_, endpoint)| {
                    answers(
                        &endpoint.method,
                        endpoint.framework == Framework::Rails,
                        &request.method,
                    )
                })
                .map(|(at, _)| Goal::Endpoint(at))
                .collect();
        }
        Target::Url { segments, open } => (segments, *open),
    };
    let mut found = Vec::new();
    let mut most = 0;
    for pattern in patterns {
        if !answers(&pattern.method, pattern.loose_update, &request.method) {
            continue;
        }
        let Some(score) = score(pattern, segments, open) else {
            continue;
        };
        if score > most {
            most = score;
            found.clear();
        }
        if score == most {
            found.push(pattern.goal.clone());
        }
    }
    found
}

fn answers(route: &str, loose_update: bool, request: &str) -> bool {
    let same = route == request || route == "ANY" || request == "ANY";
    let head = route == "GET" && request == "HEAD";
    let update = |method| matches!(method, "PUT" | "PATCH");
    same || head || loose_update && update(route) && update(request)
}

/// How well a path fits; more literal segments and no guessing fit better.
fn score(pattern: &Pattern, path: &[Option<String>], open: bool) -> Option<usize> {
    if let Some(literals) = fit(&pattern.segments, path) {
        return Some(literals * 100 + 99);
    }
    // Where the beginning is not known, the end decides.
    let (extra, literals) = if open && pattern.segments.len() > path.len() {
        let extra = pattern.segments.len() - path.len();
        (extra, fit(&pattern.segments[extra..], path)?)
    } else if pattern.open && path.len() > pattern.segments.len() {
        let extra = path.len() - pattern.segments.len();
        (extra, fit(&pattern.segments, &path[extra..])?)
    } else {
        return None;
    };
    (literals > 0).then(|| literals * 100 + 98_usize.saturating_sub(extra))
}

/// The number of literal segments, where the path fits.
fn fit(pattern: &[Segment], path: &[Option<String>]) -> Option<usize> {
    let mut literals = 0;
    let mut rest = path.iter();
    for segment in pattern {
        match segment {
            Segment::Rest => return Some(literals),
            Segment::Param(_) => {
                rest.next()?;
            }
            Segment::Literal(literal) => {
                let given = rest.next()?.as_ref()?;
                let given = given.strip_suffix(".html").unwrap_or(given);
                if given != literal {
                    return None;
                }
                literals += 1;
            }
        }
    }
    rest.next().is_none().then_some(literals)
}
