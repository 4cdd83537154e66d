//! Reading one object.

use std::sync::Arc;
use std::time::Duration;

use super::answer::Answer;
use super::call::Call;
use crate::core::Core;
use crate::request::ListOptions;
use crate::status::{Error, Result};

/// How long a read waits for a revision that has not been reached.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn get(call: &Call<'_>) -> Result<Answer> {
    if call.request.query.first("export").is_some() {
        return Err(Error::bad_request(
            "the export parameter, deprecated since v1.14, is no longer supported",
        ));
    }
    let options = ListOptions {
        resource_version: call.request.query.text("resourceVersion").to_owned(),
        ..ListOptions::default()
    };
    let revision = options.revision().map_err(|why| Error::untyped(500, why))?;
    reach(&call.core, revision.unwrap_or_default()).await?;
    let name = &call.path.name;
    let (_, object) = call.existing(name).await?;
    Ok(Answer::Object {
        code: 200,
        object,
        resource: Arc::clone(&call.resource),
    })
}

/// Waits a little for `revision` to be reached.
pub(super) async fn reach(core: &Core, revision: u64) -> Result<()> {
    if revision <= core.store.revision() {
        return Ok(());
    }
    let reached = tokio::time::timeout(PATIENCE, core.store.reach(revision)).await;
    reached.map_err(|_| Error::too_large_resource_version(revision, core.store.revision()))
}
