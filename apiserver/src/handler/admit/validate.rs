//! Validating webhooks: all at once.

use futures::future::join_all;
use serde_json::Value;

use super::act::Act;
use super::ask::{Asked, ask};
use super::gate::hooks_of;
use super::select::select;
use crate::handler::call::Call;
use crate::status::Result;

/// Lets validating webhooks refuse a write; `object` is what would be stored.
pub(in crate::handler) async fn validate(
    call: &mut Call<'_>,
    act: &Act,
    object: Option<&Value>,
    old: Option<&Value>,
) -> Result<()> {
    let hooks = hooks_of(call);
    if hooks.validating.is_empty() {
        return Ok(());
    }
    let attributes = act.attributes(call, object.or(old));
    let mut wanted = Vec::new();
    for hook in &hooks.validating {
        if let Some(invocation) = select(call, hook, &attributes, (object, old))? {
            wanted.push(invocation);
        }
    }
    let asked: Vec<Asked<'_>> = wanted
        .iter()
        .map(|invocation| Asked {
            call,
            attributes: &attributes,
            invocation,
        })
        .collect();
    let asked = asked.iter().map(|asked| ask(asked, (object, old), false));
    let verdicts = join_all(asked).await;
    let mut refusal = None;
    for (invocation, verdict) in wanted.iter().zip(verdicts) {
        let refused = match verdict {
            Ok(verdict) => {
                verdict
                    .warnings
                    .into_iter()
                    .for_each(|warning| call.warn(warning));
                verdict.refusal
            }
            Err(failure) => (!failure.is_ignored(invocation.hook.on_failure)).then(|| failure.into_error()),
        };
        refusal = refusal.or(refused);
    }
    refusal.map_or(Ok(()), Err)
}
