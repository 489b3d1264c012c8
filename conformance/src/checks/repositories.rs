//! Importing a repository.

use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::json;

use crate::check::{Check, Group, Outcome, Stage};
use crate::http::Request;
use crate::probe::Probe;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::must(
            Group::Repositories,
            "repositories.import",
            &["import.project", "import.url"],
            "A repository is imported, and a project created for it.",
            |probe| import(probe).boxed(),
        )
        .with_schema("RepositoryImport")
        .stage(Stage::Jobs),
        Check::must(
            Group::Repositories,
            "repositories.twice",
            &[
                "import.already-exists",
                "import.repository-id",
                "import.project-id",
            ],
            "A second import says that it already exists, and gives the same ids.",
            |probe| twice(probe).boxed(),
        )
        .stage(Stage::Jobs),
        Check::must(
            Group::Repositories,
            "repositories.options",
            &["import.branch", "import.name", "import.base-url"],
            "branch, name and base_url may be given.",
            |probe| options(probe).boxed(),
        )
        .stage(Stage::Jobs),
        Check::must(
            Group::Repositories,
            "repositories.only-https-forges",
            &["import.url", "errors.400"],
            "What is no HTTPS URL of a repository is answered with 400.",
            |probe| only_https(probe).boxed(),
        ),
    ]
}

async fn import(probe: &mut Probe) -> Outcome {
    let import = match probe.import().await {
        Ok(import) => import,
        Err(stop) => {
            // A repository that was named has to come in; a default one may be out of reach.
            if let Some(answer) = probe.import_refused.get().cloned() {
                let own = answer.status.is_success()
                    || answer.status == StatusCode::INTERNAL_SERVER_ERROR;
                let named = probe.deployment.repository_url.is_some();
                if named || own {
                    probe.success("import.project", "RepositoryImport", &answer);
                    return Ok(());
                }
            }
            return Err(stop);
        }
    };
    let Some(body) = probe.success("import.project", "RepositoryImport", &import.answer) else {
        return Ok(());
    };
    let success = body["success"] == true;
    probe.must(
        success,
        "import.success",
        "`success` to be true",
        &import.answer,
    );
    let last = import
        .url
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let name = last.trim_end_matches(".git");
    let expected = format!("`name` to be {name}, from the repository, as none was given");
    probe.should(
        body["name"] == name,
        "import.answer.name",
        expected,
        &import.answer,
    );
    Ok(())
}

async fn twice(probe: &mut Probe) -> Outcome {
    let first = probe.import().await?;
    let request = Request::operation("import_repository", &[]).json(&json!({ "url": first.url }));
    let answer = probe.send(request).await?;
    let Some(body) = probe.success("import.already-exists", "RepositoryImport", &answer) else {
        return Ok(());
    };
    let exists = body["already_exists"] == true;
    probe.must(
        exists,
        "import.already-exists",
        "`already_exists` to be true",
        &answer,
    );
    let ids = [
        ("repository_id", "import.repository-id", first.repository),
        ("project_id", "import.project-id", first.project),
    ];
    for (field, clause, id) in ids {
        let expected = format!("`{field}` to be {id}, as at the first import");
        probe.must(body[field] == id, clause, expected, &answer);
    }
    Ok(())
}

async fn options(probe: &mut Probe) -> Outcome {
    let first = probe.import().await?;
    let options = [
        ("branch", "import.branch", "main"),
        ("name", "import.name", "My Project"),
        ("base_url", "import.base-url", "https://app.example.com"),
    ];
    for (field, clause, value) in options {
        // Another branch than main may be all that a named repository has.
        if field == "branch" && probe.deployment.repository_url.is_some() {
            continue;
        }
        let body = json!({ "url": first.url, field: value });
        let answer = probe
            .send(Request::operation("import_repository", &[]).json(&body))
            .await?;
        let expected = format!("a success, as `{field}` may be given");
        probe.must(answer.status.is_success(), clause, expected, &answer);
    }
    Ok(())
}

async fn only_https(probe: &mut Probe) -> Outcome {
    let urls = [
        "ftp://github.com/octocat/Spoon-Knife",
        "file:///etc/passwd",
        "git@github.com:octocat/Spoon-Knife.git",
        "https://github.com",
    ];
    for url in urls {
        let request = Request::operation("import_repository", &[]).json(&json!({ "url": url }));
        let answer = probe.send(request).await?;
        let why = "as this is no GitHub or GitLab HTTPS URL of a repository";
        probe.error(StatusCode::BAD_REQUEST, "import.url", why, &answer);
    }
    Ok(())
}
