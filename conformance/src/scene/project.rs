//! A project to put test cases in. None is created by itself: one comes with API
//! tests, or with an imported repository.

use serde_json::json;

use crate::http::Request;
use crate::probe::Stop;
use crate::session::Session;

/// A small API: two operations, one of them with a body.
pub(crate) const SPECIFICATION: &str = include_str!("../specification.json");

impl Session {
    /// A project of the partner's.
    pub(crate) async fn project(&self) -> Result<i64, Stop> {
        let find = async {
            let request = Request::operation("generate_api_tests", &[])
                .json(&json!({ "openapi_spec": SPECIFICATION }));
            let answer = self.send(&request).await?;
            if let Some(project) = answer.json()["project_id"].as_i64() {
                return Ok(project);
            }
            let imported = self.import().await;
            imported.map(|import| import.project).map_err(|_| {
                Stop::skipped(format!(
                    "no project to put anything in: API tests were answered with {}, and no repository could be imported",
                    answer.summary()
                ))
            })
        };
        self.project.get_or_init(|| find).await.clone()
    }
}
