//! Which operation a request is for, by the contract's table. dropshot routes
//! once more behind the edge; here it is decided what may get that far.

use std::borrow::Cow;

use contract::Operation;
use http::Method;
use percent_encoding::percent_decode_str;

use crate::problem::Problem;

pub(crate) struct Routes {
    paths: Vec<Path>,
}

struct Path {
    segments: Vec<Segment>,
    operations: Vec<&'static Operation>,
    methods: Vec<&'static str>,
}

enum Segment {
    Literal(&'static str),
    /// Takes any one segment that is not empty.
    Parameter,
}

pub(crate) enum Found<'a> {
    Operation(&'static Operation),
    /// The path is known, with these methods.
    Methods(&'a [&'static str]),
    Nothing,
}

impl Routes {
    pub(crate) fn new(operations: &'static [Operation]) -> Self {
        let mut paths: Vec<Path> = Vec::new();
        for operation in operations {
            match paths
                .iter_mut()
                .find(|path| path.operations[0].path == operation.path)
            {
                Some(path) => {
                    path.operations.push(operation);
                    path.methods.push(operation.method);
                }
                None => paths.push(Path {
                    segments: operation.path.split('/').skip(1).map(segment).collect(),
                    operations: vec![operation],
                    methods: vec![operation.method],
                }),
            }
        }
        // A literal says more than a parameter.
        paths.sort_by_key(|path| {
            path.segments
                .iter()
                .filter(|segment| matches!(segment, Segment::Parameter))
                .count()
        });
        Self { paths }
    }

    /// HEAD is GET without the answer's body.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Result<Found<'_>, Problem> {
        let Some(path) = self.path(path)? else {
            return Ok(Found::Nothing);
        };
        let method = if method == Method::HEAD {
            "GET"
        } else {
            method.as_str()
        };
        Ok(path
            .operations
            .iter()
            .find(|operation| operation.method == method)
            .map_or(Found::Methods(&path.methods), |operation| {
                Found::Operation(operation)
            }))
    }

    /// The path that was probably meant, where only slashes are amiss.
    pub(crate) fn meant(&self, path: &str) -> Option<String> {
        let tidy = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .fold(String::new(), |tidy, segment| tidy + "/" + segment);
        (tidy != path && matches!(self.path(&tidy), Ok(Some(_)))).then_some(tidy)
    }

    fn path(&self, path: &str) -> Result<Option<&Path>, Problem> {
        let Some(path) = path.strip_prefix('/') else {
            return Ok(None);
        };
        // Few paths have anything to decode, and every request pays for looking.
        let segments = path.split('/');
        let given: Vec<Cow<str>> = if path.contains('%') {
            segments
                .map(|segment| percent_decode_str(segment).decode_utf8())
                .collect::<Result<_, _>>()
                .map_err(|_| Problem::bad_request("The path is not percent-encoded UTF-8."))?
        } else {
            segments.map(Cow::Borrowed).collect()
        };
        Ok(self.paths.iter().find(|path| path.takes(&given)))
    }
}

impl Path {
    fn takes(&self, given: &[Cow<str>]) -> bool {
        self.segments.len() == given.len()
            && self
                .segments
                .iter()
                .zip(given)
                .all(|(segment, given)| match segment {
                    Segment::Literal(literal) => literal == given,
                    Segment::Parameter => !matches!(given.as_ref(), "" | "." | ".."),
                })
    }
}

fn segment(template: &'static str) -> Segment {
    if template.starts_with('{') {
        Segment::Parameter
    } else {
        Segment::Literal(template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: Method, path: &str) -> String {
        let routes = Routes::new(contract::OPERATIONS);
        match routes.find(&method, path) {
            Ok(Found::Operation(operation)) => operation.id.to_owned(),
            Ok(Found::Methods(methods)) => format!("only {}", methods.join(", ")),
            Ok(Found::Nothing) => {
                format!("nothing, meant {:?}", routes.meant(path))
            }
            Err(problem) => problem.status.as_u16().to_string(),
        }
    }

    #[test]
    fn every_operation_is_found_at_its_own_path() {
        for operation in contract::OPERATIONS {
            let path = operation
                .path
                .split('/')
                .map(|segment| {
                    if segment.starts_with('{') {
                        "a-1"
                    } else {
                        segment
                    }
                })
                .collect::<Vec<_>>()
                .join("/");
            let method = operation.method.parse().unwrap();
            assert_eq!(find(method, &path), operation.id);
        }
    }

    #[test]
    fn what_is_not_in_the_contract_is_not_found() {
        let report = "/api/v1/partner/jobs/pwj_1/report";
        assert_eq!(find(Method::GET, report), "get_job_report");
        assert_eq!(find(Method::HEAD, report), "get_job_report");
        assert_eq!(find(Method::PUT, report), "only GET");
        assert_eq!(
            find(Method::GET, "/api/v1/p%61rtner/jobs/a%2Fb/report"),
            "get_job_report"
        );
        assert_eq!(
            find(Method::GET, "/api/v1/partner/jobs//report"),
            "nothing, meant None"
        );
        assert_eq!(
            find(Method::GET, "/api/v1/partner/jobs/../report"),
            "nothing, meant None"
        );
        assert_eq!(
            find(Method::POST, "/api//v1/partner/test-cases/"),
            "nothing, meant Some(\"/api/v1/partner/test-cases\")"
        );
        assert_eq!(find(Method::GET, "/api/v1/partner/jobs/%ff/report"), "400");
        assert_eq!(find(Method::CONNECT, ""), "nothing, meant None");
    }
}
