//! What an operation should answer, as far as the document says.

use crate::api_tests::document::{Operation, Status};

/// The answer that a case has to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub statuses: Statuses,
    /// Index of the operation's response that says what the answer holds.
    pub response: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// One of these.
    Codes(Vec<u16>),
    /// Any of a class: 2 for 2xx.
    Class(u16),
}

impl Statuses {
    pub fn only(&self) -> Option<u16> {
        match self {
            Self::Codes(codes) => match codes.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
            Self::Class(_) => None,
        }
    }

    pub fn names(&self, code: u16) -> bool {
        matches!(self, Self::Codes(codes) if codes.contains(&code))
    }

    /// "400 or 422", "a 4xx status"
    pub fn in_words(&self) -> String {
        match self {
            Self::Class(class) => format!("a {class}xx status"),
            Self::Codes(codes) => codes
                .iter()
                .map(u16::to_string)
                .collect::<Vec<_>>()
                .join(" or "),
        }
    }
}

/// The documented 2xx codes, or 3xx where there are none.
pub fn success(operation: &Operation) -> Expected {
    let of_class = |class: u16| -> Vec<u16> {
        operation
            .responses
            .iter()
            .filter_map(|response| match response.status {
                Status::Code(code) if code / 100 == class => Some(code),
                _ => None,
            })
            .collect()
    };
    let codes = match of_class(2) {
        none if none.is_empty() => of_class(3),
        some => some,
    };
    let statuses = if codes.is_empty() {
        Statuses::Class(2)
    } else {
        Statuses::Codes(codes)
    };
    // With several possible answers none can be held to one's schema.
    let response = match statuses.only() {
        Some(code) => operation
            .responses
            .iter()
            .position(|response| response.status == Status::Code(code)),
        None => operation
            .responses
            .iter()
            .position(|response| response.status == Status::Class(2)),
    };
    Expected { statuses, response }
}

/// Those of `codes` that are documented; else any 4xx.
pub fn refusal(operation: &Operation, codes: &[u16]) -> Expected {
    let documented: Vec<u16> = codes
        .iter()
        .copied()
        .filter(|code| operation.response(*code).is_some())
        .collect();
    // Credentials are refused with one of two codes, whatever else is said.
    let statuses = if !documented.is_empty() {
        Statuses::Codes(documented)
    } else if codes == [401, 403] {
        Statuses::Codes(codes.to_vec())
    } else {
        Statuses::Class(4)
    };
    let response = statuses.only().and_then(|code| {
        operation
            .responses
            .iter()
            .position(|response| response.status == Status::Code(code))
    });
    Expected { statuses, response }
}
