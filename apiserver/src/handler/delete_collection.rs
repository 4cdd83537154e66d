//! Removing every object a list would show.

use super::admit::Admits;
use super::answer::Answer;
use super::call::Call;
use super::{delete, list};
use crate::object::Meta as _;
use crate::request::ListOptions;
use crate::status::Result;

/// Returns the list as it was before.
pub(super) async fn delete_collection(call: &mut Call<'_>) -> Result<Answer> {
    let options = delete::options(call)?;
    let selection = ListOptions::parse(&call.request.query, false)?;
    let found = list::collect(call, &selection).await?;
    for object in &found.objects {
        let place = (object.namespace(), object.name());
        match delete::remove(call, place, &options, Admits::Store).await {
            // Someone else was faster: gone is what was asked for.
            Err(error) if error.code == 404 => {}
            outcome => drop(outcome?),
        }
    }
    Ok(Answer::List(found))
}
