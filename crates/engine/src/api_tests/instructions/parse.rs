//! Instructions read by rule, where no LLM does it.

use super::{Aim, Focus, Topic};
use crate::api_tests::document::Method;

impl Focus {
    /// By rule: each clause keeps, puts first or leaves out what it names.
    pub fn parse(instructions: &str) -> Self {
        let mut focus = Self::default();
        let mut mode = Mode::First;
        for clause in clauses(instructions) {
            let lower = clause.to_lowercase();
            if let Some(limit) = limit(&lower) {
                focus.at_most = Some(limit);
                continue;
            }
            mode = Mode::of(&lower).unwrap_or(mode);
            let aim = match mode {
                Mode::Only => &mut focus.only,
                Mode::First => &mut focus.first,
                Mode::Without => &mut focus.without,
            };
            read(&clause, aim);
        }
        focus
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Only,
    First,
    Without,
}

impl Mode {
    fn of(clause: &str) -> Option<Self> {
        let says = |phrases: &[&str]| {
            phrases.iter().any(|phrase| {
                clause.starts_with(phrase)
                    || clause.contains(&format!(" {phrase} "))
                    || clause.ends_with(&format!(" {phrase}"))
            })
        };
        if says(&[
            "skip",
            "ignore",
            "exclude",
            "excluding",
            "without",
            "omit",
            "avoid",
            "leave out",
            "except",
            "except for",
            "no",
            "not",
            "don't",
            "do not",
            "never",
        ]) {
            return Some(Self::Without);
        }
        if says(&[
            "only",
            "just",
            "exclusively",
            "nothing but",
            "limit to",
            "restrict to",
        ]) {
            return Some(Self::Only);
        }
        says(&[
            "focus",
            "prioritise",
            "prioritize",
            "concentrate",
            "emphasise",
            "emphasize",
            "especially",
            "particularly",
            "mainly",
            "first",
            "cover",
            "test",
            "include",
        ])
        .then_some(Self::First)
    }
}

/// Sentences and parts of them, where another intention may begin.
fn clauses(text: &str) -> Vec<String> {
    let mut marked = format!(" {} ", text.replace(['\n', ';', '!'], ". "));
    for joint in [
        " but ",
        " except ",
        " excluding ",
        " without ",
        " and skip ",
        " and ignore ",
        " and exclude ",
        " and only ",
        " ignoring ",
        " skipping ",
    ] {
        let start = joint.trim_start_matches(" and").trim_start_matches(" but");
        marked = marked.replace(joint, &format!(".{start}"));
    }
    // A comma separates the members of a list, or clauses that say what to do.
    for verb in [
        "skip",
        "ignore",
        "exclude",
        "only",
        "focus",
        "no ",
        "not ",
        "at most",
        "max",
        "prioriti",
        "leave out",
        "just",
    ] {
        marked = marked.replace(&format!(", {verb}"), &format!(". {verb}"));
        marked = marked.replace(&format!(", and {verb}"), &format!(". {verb}"));
    }
    marked
        .split(". ")
        .flat_map(|part| part.split(".\u{20}"))
        .flat_map(|part| part.split('.').map(str::to_owned).collect::<Vec<_>>())
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// "at most 20 tests"
fn limit(clause: &str) -> Option<usize> {
    let phrases = [
        "at most",
        "no more than",
        "not more than",
        "up to",
        "max",
        "maximum",
        "limit to",
    ];
    let rest = phrases
        .iter()
        .find_map(|phrase| clause.split_once(phrase).map(|(_, rest)| rest))?;
    rest.split(|c: char| !c.is_ascii_digit())
        .find(|digits| !digits.is_empty())?
        .parse()
        .ok()
        .filter(|limit| *limit > 0)
}

fn read(clause: &str, aim: &mut Aim) {
    let add = |list: &mut Vec<String>, word: String| {
        if !list.contains(&word) {
            list.push(word);
        }
    };
    let lower = clause.to_lowercase();
    for (phrase, topic) in TOPICS {
        if lower.contains(phrase) && !aim.kinds.contains(&topic) {
            aim.kinds.push(topic);
        }
    }
    for word in
        clause.split(|c: char| c.is_whitespace() || c == ',' || c == '"' || c == '\'' || c == '`')
    {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '}');
        if word.starts_with('/') && word.len() > 1 {
            add(
                &mut aim.paths,
                word.trim_end_matches('*').trim_end_matches('/').to_owned(),
            );
            continue;
        }
        // "get" is a word, "GET" a method.
        if let Some(method) = Method::ALL.iter().find(|it| it.to_string() == word) {
            add(&mut aim.methods, method.to_string());
            continue;
        }
        let word = word.to_lowercase();
        match word.as_str() {
            "deprecated" | "obsolete" => aim.deprecated = true,
            "read-only" | "reads" | "reading" => add(&mut aim.methods, "GET".to_owned()),
            "writes" | "writing" | "mutations" | "mutating" | "state-changing" => {
                for method in ["POST", "PUT", "PATCH", "DELETE"] {
                    add(&mut aim.methods, method.to_owned());
                }
            }
            _ if is_filler(&word) => {}
            _ => add(&mut aim.topics, word),
        }
    }
}

const TOPICS: [(&str, Topic); 21] = [
    ("authenticat", Topic::Credentials),
    ("authoriz", Topic::Credentials),
    ("authoris", Topic::Credentials),
    ("security", Topic::Credentials),
    ("permission", Topic::Credentials),
    ("access control", Topic::Credentials),
    ("happy path", Topic::HappyPath),
    ("happy-path", Topic::HappyPath),
    ("smoke", Topic::HappyPath),
    ("positive", Topic::HappyPath),
    ("validation", Topic::Validation),
    ("invalid", Topic::Validation),
    ("negative", Topic::Validation),
    ("error handling", Topic::Validation),
    ("required field", Topic::RequiredFields),
    ("missing field", Topic::RequiredFields),
    ("mandatory", Topic::RequiredFields),
    ("boundar", Topic::Boundaries),
    ("edge case", Topic::Boundaries),
    ("not found", Topic::NotFound),
    ("404", Topic::NotFound),
];

/// Words that say nothing about which operations are meant.
fn is_filler(word: &str) -> bool {
    const FILLER: &str = " a an and any all also api apis around as at be boundaries boundary but \
        by call calls case cases check concentrate control cover coverage do don't each edge \
        emphasise emphasize endpoint endpoints error errors especially every everything except \
        exclude excluding exclusively field fields first focus for found from generate handling \
        happy happy-path i ignore ignoring in include including input inputs invalid is it just \
        leave limit limits mainly make mandatory me method methods missing more most my need \
        negative never no not nothing of on only operation operations or other our out part parts \
        particularly path paths permission permissions please positive prioritise prioritize \
        related request requests required restrict route routes security skip skipping smoke \
        some sure test testing tests that the their them these things this those to us use \
        validation want we well which with without write you your access omit avoid important \
        critical thoroughly mostly 404 should must ";
    word.is_empty()
        || FILLER.contains(&format!(" {word} "))
        || word.chars().all(|c| c.is_ascii_digit())
}
