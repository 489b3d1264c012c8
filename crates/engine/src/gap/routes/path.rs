//! Paths of routes, whatever notation their parameters have.

/// One piece of a path between slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    Literal(String),
    Param(String),
    /// Any number of segments.
    Rest,
}

/// Two parts with one slash between them. A path of only `/` adds nothing to a
/// prefix.
pub fn join(prefix: &str, path: &str) -> String {
    let prefix = prefix.trim();
    let path = path.trim();
    let bare = path.trim_start_matches('/');
    let joined = if prefix.is_empty() || prefix == "/" {
        bare.to_owned()
    } else if bare.is_empty() {
        prefix.trim_start_matches('/').to_owned()
    } else {
        format!("{}/{bare}", prefix.trim_matches('/'))
    };
    if joined.is_empty() {
        joined
    } else {
        format!("/{joined}")
    }
}

/// As [`join`], for a whole path: the root is `/`.
pub fn full(prefix: &str, path: &str) -> String {
    let joined = join(prefix, path);
    if joined.is_empty() {
        "/".to_owned()
    } else {
        joined
    }
}

/// `:id`, `{id}`, `{id:[0-9]+}`, `<int:id>`, `[id]`, `$id`, `(?P<id>...)`, `*rest`.
pub fn segments(path: &str) -> Vec<Segment> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(segment)
        .collect()
}

fn segment(text: &str) -> Segment {
    let name = |name: &str| Segment::Param(name.trim_end_matches('?').to_owned());
    if text == "**" || text == "*" || text.starts_with("[...") || text.starts_with("[[...") {
        return Segment::Rest;
    }
    if text.starts_with("{*") || text.starts_with("{path:path") || text.starts_with("<path:") {
        return Segment::Rest;
    }
    if text.starts_with('*') {
        return Segment::Rest;
    }
    if let Some(param) = text.strip_prefix(':') {
        return name(param.split(['(', '.', '-']).next().unwrap_or(param));
    }
    if let Some(at) = text.find('{')
        && let Some(end) = text.rfind('}')
        && at < end
    {
        return name(text[at + 1..end].split(':').next().unwrap_or_default());
    }
    if let Some(at) = text.find("(?P<") {
        return name(text[at + 4..].split('>').next().unwrap_or_default());
    }
    if let Some(at) = text.find('<')
        && let Some(end) = text.rfind('>')
        && at < end
    {
        let inside = &text[at + 1..end];
        return name(inside.rsplit(':').next().unwrap_or(inside));
    }
    if let Some(param) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return name(param);
    }
    Segment::Literal(text.trim_end_matches('?').to_owned())
}

pub fn params(path: &str) -> Vec<String> {
    segments(path)
        .into_iter()
        .filter_map(|segment| match segment {
            Segment::Param(name) => Some(name),
            _ => None,
        })
        .collect()
}

/// The path with something in the place of each parameter, as a person would
/// type it: `/users/1/posts/first-post`.
pub fn example(path: &str) -> String {
    let mut text = String::new();
    for segment in segments(path) {
        text.push('/');
        match segment {
            Segment::Literal(literal) => text.push_str(&literal),
            Segment::Param(name) => text.push_str(example_value(&name)),
            Segment::Rest => text.push_str("any"),
        }
    }
    if text.is_empty() || path.len() > 1 && path.ends_with('/') {
        text.push('/');
    }
    text
}

fn example_value(param: &str) -> &'static str {
    let param = param.to_lowercase();
    if param.contains("slug") || param.contains("name") || param.contains("title") {
        "example"
    } else if param.contains("uuid") {
        "3f2b8c1e-0000-4000-8000-000000000001"
    } else if param.contains("email") {
        "user@example.com"
    } else if param.contains("token") || param.contains("code") || param.contains("key") {
        "abc123"
    } else {
        "1"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_in_every_notation() {
        for path in [
            "/users/:id",
            "/users/{id}",
            "/users/{id:[0-9]+}",
            "/users/<int:id>",
            "/users/<id>",
            "/users/[id]",
            "/users/:id(\\d+)",
            "users/(?P<id>[0-9]+)/",
        ] {
            assert_eq!(
                segments(path),
                [
                    Segment::Literal("users".to_owned()),
                    Segment::Param("id".to_owned())
                ],
                "{path}"
            );
        }
        assert_eq!(segments("/files/*path").last(), Some(&Segment::Rest));
        assert_eq!(segments("/docs/[...slug]").last(), Some(&Segment::Rest));
    }

    #[test]
    fn prefixes_join_with_one_slash() {
        assert_eq!(join("/api/", "/users"), "/api/users");
        assert_eq!(join("api", ""), "/api");
        assert_eq!(join("", "/"), "");
        assert_eq!(full("", "/"), "/");
        assert_eq!(full("/users", "/"), "/users");
        assert_eq!(full("polls/", "<int:id>/"), "/polls/<int:id>/");
        assert_eq!(example("/users/:id/posts/{slug}"), "/users/1/posts/example");
    }
}
