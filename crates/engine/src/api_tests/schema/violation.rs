//! Values that break a schema by exactly one clause, and values right at its
//! limits. Each was held against the schema: a flaw is refused, an edge is not.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::example::json_number;
use super::flat::{Flat, Fuel};
use super::spot::Spot;
use super::{Checker, Judge, text};

/// Texts beyond this length are no test that anybody wants to send.
const LONGEST: u64 = 10_000;
const MOST_ITEMS: u64 = 100;
const MAX_DEPTH: usize = 4;
const FUEL: u32 = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breaks {
    Required,
    Type,
    Null,
    Enum,
    Length,
    Range,
    Pattern,
    Format,
    Items,
    Unknown,
}

/// A change that makes a valid value invalid.
#[derive(Clone, Debug)]
pub struct Flaw {
    pub spot: Spot,
    pub breaks: Breaks,
    /// None: what is there is left out.
    pub value: Option<Value>,
    /// "`quantity` is below its minimum of 1"
    pub says: String,
}

/// A change to the last value that is still valid.
#[derive(Clone, Debug)]
pub struct Edge {
    pub spot: Spot,
    pub value: Value,
    /// "`quantity` at its minimum of 1"
    pub says: String,
}

/// What can be wrong with `value`, which is valid; `name` is what it is called.
pub fn flaws(checker: &Checker<'_>, schema: &Value, value: &Value, name: &str) -> Vec<Flaw> {
    let Some(judge) = checker.judge(schema) else {
        return Vec::new();
    };
    let (flaws, _) = walk(checker, schema, value, name);
    let mut said = HashSet::new();
    flaws
        .into_iter()
        .filter(|flaw| {
            !said.contains(&flaw.says)
                && refuses(&judge, &flaw.spot.put(value, flaw.value.as_ref()))
                && said.insert(flaw.says.clone())
        })
        .collect()
}

/// The limits that `value`, which is valid, may be taken to.
pub fn edges(checker: &Checker<'_>, schema: &Value, value: &Value, name: &str) -> Vec<Edge> {
    let Some(judge) = checker.judge(schema) else {
        return Vec::new();
    };
    let (_, edges) = walk(checker, schema, value, name);
    let mut said = HashSet::new();
    edges
        .into_iter()
        .filter(|edge| {
            !said.contains(&edge.says)
                && judge.accepts(&edge.spot.put(value, Some(&edge.value))) == Some(true)
                && said.insert(edge.says.clone())
        })
        .collect()
}

fn refuses(judge: &Judge<'_>, value: &Value) -> bool {
    judge.accepts(value) == Some(false)
}

fn walk(
    checker: &Checker<'_>,
    schema: &Value,
    value: &Value,
    name: &str,
) -> (Vec<Flaw>, Vec<Edge>) {
    // Which branch of a choice the value took is not known: what does not
    // apply to it falls out when it is judged.
    let mut flaws = Vec::new();
    let mut edges = Vec::new();
    for branch in 0..3 {
        let mut walk = Walk {
            checker,
            name,
            branch,
            fuel: Fuel(FUEL),
            flaws: Vec::new(),
            edges: Vec::new(),
        };
        walk.visit(&[schema], Some(value), &Spot::default(), true);
        flaws.append(&mut walk.flaws);
        edges.append(&mut walk.edges);
    }
    (flaws, edges)
}

struct Walk<'c> {
    checker: &'c Checker<'c>,
    name: &'c str,
    branch: usize,
    fuel: Fuel,
    flaws: Vec<Flaw>,
    edges: Vec<Edge>,
}

impl<'c> Walk<'c> {
    /// `value` is what stands there, if anything does.
    fn visit(&mut self, schemas: &[&'c Value], value: Option<&Value>, spot: &Spot, required: bool) {
        let flat = Flat::of(
            self.checker.schemas,
            schemas,
            Some(self.branch),
            &mut self.fuel,
        );
        let Some(flat) = flat else { return };
        self.wrong_type(&flat, spot, required && value.is_some());
        if flat.options.is_some() {
            self.wrong_option(&flat, spot);
            return;
        }
        match flat.kind() {
            "string" => self.text(&flat, spot),
            "integer" | "number" => self.number(&flat, spot),
            "array" => self.array(&flat, value, spot),
            "object" => self.object(&flat, value, spot),
            _ => {}
        }
    }

    fn flaw(&mut self, spot: &Spot, breaks: Breaks, value: Option<Value>, says: &str) {
        self.flaws.push(Flaw {
            spot: spot.clone(),
            breaks,
            value,
            says: says.replace("{}", &format!("`{}`", spot.label(self.name))),
        });
    }

    fn edge(&mut self, spot: &Spot, value: Value, says: &str) {
        self.edges.push(Edge {
            spot: spot.clone(),
            value,
            says: says.replace("{}", &format!("`{}`", spot.label(self.name))),
        });
    }

    fn wrong_type(&mut self, flat: &Flat<'_>, spot: &Spot, required: bool) {
        let Some(types) = &flat.types else { return };
        let wrong = [
            ("string", json!(12345)),
            ("integer", json!("not-a-number")),
            ("number", json!("not-a-number")),
            ("boolean", json!("not-a-boolean")),
            ("array", json!("not-a-list")),
            ("object", json!("not-an-object")),
        ];
        if let Some((kind, value)) = wrong.into_iter().find(|(kind, _)| *kind == flat.kind()) {
            let article = if kind.starts_with(['a', 'i', 'o']) {
                "an"
            } else {
                "a"
            };
            self.flaw(
                spot,
                Breaks::Type,
                Some(value),
                &format!("{{}} is not {article} {kind}"),
            );
        }
        if required && spot.0.len() == 1 && !types.contains(&"null") {
            self.flaw(spot, Breaks::Null, Some(Value::Null), "{} is null");
        }
    }

    fn wrong_option(&mut self, flat: &Flat<'_>, spot: &Spot) {
        let Some(options) = flat
            .options
            .as_ref()
            .filter(|it| it.iter().any(|it| it.is_string()))
        else {
            return;
        };
        let listed: Vec<_> = options
            .iter()
            .filter_map(|it| it.as_str())
            .take(6)
            .collect();
        let one = if options.len() == 1 { "" } else { "one of " };
        let more = if options.len() > listed.len() {
            ", …"
        } else {
            ""
        };
        self.flaw(
            spot,
            Breaks::Enum,
            Some(json!("not-one-of-them")),
            &format!("{{}} is not {one}{}{more}", listed.join(", ")),
        );
    }

    fn text(&mut self, flat: &Flat<'_>, spot: &Spot) {
        let free = flat.patterns.is_empty()
            && flat.format.and_then(|it| text::of_format(it, "")).is_none();
        let of = |length: u64| {
            // Lengths were checked to be small.
            "x".repeat(usize::try_from(length).unwrap_or(0))
        };
        if let Some(least) = flat
            .min_length
            .filter(|least| (1..=LONGEST).contains(least))
        {
            let says = match least {
                1 => "{} is empty".to_owned(),
                _ => format!("{{}} is shorter than {least} characters"),
            };
            self.flaw(spot, Breaks::Length, Some(of(least - 1).into()), &says);
            if free {
                let says = format!("{{}} at its shortest, {}", characters(least));
                self.edge(spot, of(least).into(), &says);
            }
        }
        if let Some(most) = flat.max_length.filter(|most| *most < LONGEST) {
            let says = format!("{{}} is longer than {}", characters(most));
            self.flaw(spot, Breaks::Length, Some(of(most + 1).into()), &says);
            if free && most > 0 {
                let says = format!("{{}} at its longest, {}", characters(most));
                self.edge(spot, of(most).into(), &says);
            }
        }
        if let Some(format) = flat.format
            && let Some(wrong) = text::against_format(format)
        {
            let says = format!("{{}} is no valid {format}");
            self.flaw(spot, Breaks::Format, Some(wrong.into()), &says);
        }
        if !flat.patterns.is_empty() {
            // One of these breaks almost every pattern; the judge picks.
            for wrong in ["does not match", "!", "0", "~~~~~~~~"] {
                self.flaw(
                    spot,
                    Breaks::Pattern,
                    Some(wrong.into()),
                    "{} does not match its pattern",
                );
            }
        }
    }

    fn number(&mut self, flat: &Flat<'_>, spot: &Spot) {
        let step = flat.multiple_of.unwrap_or(1.0);
        let written = |number: f64| json_number(number).map(|it| it.to_string());
        let mut limit = |bound: f64, beyond: f64, side: &str, word: &str| {
            let (Some(at), Some(value), Some(limit)) =
                (json_number(bound), json_number(beyond), written(bound))
            else {
                return;
            };
            let says = format!("{{}} is {side} its {word} of {limit}");
            self.flaw(spot, Breaks::Range, Some(value), &says);
            self.edge(spot, at, &format!("{{}} at its {word} of {limit}"));
        };
        if let Some(minimum) = flat.minimum {
            limit(minimum, minimum - step, "below", "minimum");
        }
        if let Some(maximum) = flat.maximum {
            limit(maximum, maximum + step, "above", "maximum");
        }
        for (bound, word) in [(flat.above, "above"), (flat.below, "below")] {
            if let Some(bound) = bound
                && let (Some(at), Some(limit)) = (json_number(bound), written(bound))
            {
                let says = format!("{{}} is {limit}, and has to be {word} that");
                self.flaw(spot, Breaks::Range, Some(at), &says);
            }
        }
    }

    fn array(&mut self, flat: &Flat<'c>, value: Option<&Value>, spot: &Spot) {
        let Some(items) = value.and_then(Value::as_array) else {
            return;
        };
        if let Some(least) = flat.min_items.filter(|least| *least > 0)
            && let Ok(fewer) = usize::try_from(least - 1)
            && fewer < items.len()
        {
            let says = match least {
                1 => "{} is an empty list".to_owned(),
                _ => format!("{{}} has fewer than {least} items"),
            };
            self.flaw(spot, Breaks::Items, Some(items[..fewer].into()), &says);
        }
        if let (Some(most), Some(first), false) = (
            flat.max_items.filter(|most| *most < MOST_ITEMS),
            items.first(),
            flat.unique,
        ) && let Ok(count) = usize::try_from(most)
        {
            let list = |count: usize| Value::Array(vec![first.clone(); count]);
            let says = format!("{{}} has more than {most} items");
            self.flaw(spot, Breaks::Items, Some(list(count + 1)), &says);
            if count > 0 {
                let says = format!("{{}} with its most items, {most}");
                self.edge(spot, list(count), &says);
            }
        }
        if let (true, Some(first)) = (flat.unique, items.first()) {
            let twice = Value::Array(vec![first.clone(), first.clone()]);
            self.flaw(spot, Breaks::Items, Some(twice), "{} repeats an item");
        }
        if let Some(first) = items.first().filter(|_| flat.prefix.is_empty())
            && !flat.items.is_empty()
            && spot.0.len() < MAX_DEPTH
        {
            self.visit(&flat.items, Some(first), &spot.item(0), true);
        }
    }

    fn object(&mut self, flat: &Flat<'c>, value: Option<&Value>, spot: &Spot) {
        let Some(object) = value.and_then(Value::as_object) else {
            return;
        };
        for name in &flat.required {
            if object.contains_key(*name) {
                self.flaw(
                    &spot.property(name),
                    Breaks::Required,
                    None,
                    "{} is missing",
                );
            }
        }
        for (name, schemas) in flat.properties.iter() {
            let there = object.get(name);
            // Optional fields that are not sent are tried at the top only.
            if (there.is_some() || spot.0.is_empty()) && spot.0.len() < MAX_DEPTH {
                let required = flat.required.contains(&name);
                self.visit(schemas, there, &spot.property(name), required);
            }
        }
        if flat.additional == Some(&Value::Bool(false)) {
            let unknown = spot.property("notInTheSpecification");
            let whole = spot.label(self.name);
            let says = format!("`{whole}` has an unknown property");
            self.flaw(&unknown, Breaks::Unknown, Some(json!(true)), &says);
        }
    }
}

fn characters(count: u64) -> String {
    match count {
        1 => "1 character".to_owned(),
        _ => format!("{count} characters"),
    }
}
