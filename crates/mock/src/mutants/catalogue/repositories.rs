//! Importing a repository.

use serde_json::json;

use super::validation::{fill, refuse, replace};
use super::{Mutant, answer, body};
use crate::mutants::reply::Reply;

const IMPORT: &str = "import_repository";

pub(super) fn mutants() -> Vec<Mutant> {
    let import = |id, clause, fault, edit: fn(&mut Reply)| answer(IMPORT, id, clause, fault, edit);
    vec![
        import(
            "import.success.text",
            "import.success",
            "`success` is text.",
            |reply| reply.quote("/success"),
        ),
        import(
            "import.success.false",
            "import.success",
            "`success` is false, though it was.",
            |reply| reply.set("/success", false),
        ),
        import(
            "import.repository-id.other",
            "import.repository-id",
            "Each import gives the repository another id.",
            |reply| {
                reply.add(
                    "/repository_id",
                    i64::try_from(reply.turn - 1).unwrap_or_default(),
                )
            },
        ),
        import(
            "import.repository-id.text",
            "import.repository-id",
            "`repository_id` is text.",
            |reply| reply.quote("/repository_id"),
        ),
        import(
            "import.project-id.other",
            "import.project-id",
            "Each import creates another project.",
            |reply| {
                reply.add(
                    "/project_id",
                    i64::try_from(reply.turn - 1).unwrap_or_default(),
                )
            },
        ),
        import(
            "import.project-id.null",
            "import.project-id",
            "No project is created.",
            |reply| reply.set("/project_id", json!(null)),
        ),
        import(
            "import.name.missing",
            "import.answer.name",
            "`name` is missing.",
            |reply| reply.remove("/name"),
        ),
        import(
            "import.already-exists.missing",
            "import.already-exists",
            "`already_exists` is missing.",
            |reply| reply.remove("/already_exists"),
        ),
        import(
            "import.already-exists.never",
            "import.already-exists",
            "`already_exists` is false, though it does.",
            |reply| reply.set("/already_exists", false),
        ),
        import(
            "import.empty",
            "import.project",
            "An import is answered with an empty body.",
            |reply| {
                if reply.succeeded() {
                    reply.set_text("application/json", "");
                }
            },
        ),
        body(
            IMPORT,
            "import.url.any-scheme",
            "import.url",
            "A URL of any scheme is accepted.",
            |it| {
                replace(
                    it,
                    "/url",
                    |url| url.as_str().is_some_and(|url| url.starts_with("ftp://")),
                    json!("https://github.com/octocat/Spoon-Knife"),
                )
            },
        ),
        body(
            IMPORT,
            "import.url.optional",
            "import.url",
            "An import without a url is accepted.",
            |it| fill(it, "url", "https://github.com/octocat/Spoon-Knife"),
        ),
        body(
            IMPORT,
            "import.branch.any",
            "import.branch",
            "branch may be other than text.",
            |it| replace(it, "/branch", |branch| !branch.is_string(), json!("main")),
        ),
        body(
            IMPORT,
            "import.name.refused",
            "import.name",
            "Every name that is given is refused.",
            |it| refuse(it, "/name", |_| true),
        ),
        body(
            IMPORT,
            "import.base-url.refused",
            "import.base-url",
            "Every base_url is refused.",
            |it| refuse(it, "/base_url", |_| true),
        ),
    ]
}
