//! Deleting a pod if its disruption budget allows it.

use serde_json::{Value, json};

use super::admit::{self, Act, Admits};
use super::answer::{Answer, done};
use super::call::Call;
use super::{decode, delete};
use crate::core::{bucket_of, key};
use crate::object::{Meta as _, ObjectRef};
use crate::request::{DeleteOptions, FieldValidation, Query, WriteOptions};
use crate::selector::LabelSelector;
use crate::status::{Error, Result};

const REFUSED: &str = "Cannot evict pod as it would violate the pod's disruption budget.";
/// After how many seconds a client should ask again while nobody has looked at the budget yet.
const RETRY_SECONDS: u32 = 10;

pub(super) async fn evict(call: &mut Call<'_>) -> Result<Answer> {
    let write = WriteOptions::create(&call.request.query)?;
    let eviction = decode::object(call, FieldValidation::Ignore)?;
    let act = Act::create(call, &write, &call.path.name);
    let eviction = admit::mutate(call, &act, eviction, None).await?;
    admit::validate(call, &act, Some(&eviction), None).await?;
    let sent = eviction
        .get("deleteOptions")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let mut options = DeleteOptions::parse(&Query::default(), Some(&sent))?;
    options.dry_run |= call.request.query.first("dryRun").is_some();
    let name = call.path.name.clone();
    let (_, pod) = call.existing(&name).await?;
    if needs_budget(pod.value()) {
        spend(call, &pod, options.dry_run)?;
    }
    let namespace = call.namespace();
    delete::remove(call, (&namespace, &name), &options, Admits::Caller).await?;
    Ok(done())
}

/// Pods that run nothing disrupt nobody.
fn needs_budget(pod: &Value) -> bool {
    let phase = pod.get("status").and_then(|status| status.get("phase")?.as_str());
    !pod.is_deleting() && !matches!(phase, Some("Succeeded" | "Failed" | "Pending"))
}

/// Takes one disruption from the pod's budget, if it has one.
fn spend(call: &Call<'_>, pod: &ObjectRef, dry_run: bool) -> Result<()> {
    let bucket = bucket_of("policy", "poddisruptionbudgets");
    loop {
        let budgets = budgets(call, pod.value());
        let budget = match budgets.as_slice() {
            [] => return Ok(()),
            [budget] => budget,
            _ => {
                return Err(Error::internal(
                    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
                ));
            }
        };
        let spent = spent(call, budget.value(), pod.name())?;
        let key = key(budget.namespace(), budget.name());
        if dry_run
            || call
                .core
                .store
                .put(&bucket, &key, Some(budget.revision()), spent)
                .is_ok()
        {
            return Ok(());
        }
    }
}

fn budgets(call: &Call<'_>, pod: &Value) -> Vec<ObjectRef> {
    let all = call.core.store.all(&bucket_of("policy", "poddisruptionbudgets"));
    let covers = |budget: &ObjectRef| {
        let selector = budget.value().get("spec").and_then(|spec| spec.get("selector"));
        let selects = selector.is_some_and(|selector| LabelSelector::of_object(selector).matches(pod));
        budget.namespace() == pod.namespace() && selects
    };
    all.into_iter().filter(covers).collect()
}

/// Returns the budget with one disruption less.
fn spent(call: &Call<'_>, budget: &Value, pod: &str) -> Result<Value> {
    let name = budget.name();
    let status = |field: &str| {
        budget
            .get("status")
            .and_then(|status| status.get(field)?.as_i64())
            .unwrap_or_default()
    };
    let (allowed, wanted, healthy) = (
        status("disruptionsAllowed"),
        status("desiredHealthy"),
        status("currentHealthy"),
    );
    if status("observedGeneration") < budget.generation() {
        let why = format!("The disruption budget {name} is still being processed by the server.");
        return Err(Error::too_many_requests(REFUSED, RETRY_SECONDS).with_cause(
            "DisruptionBudget",
            &why,
            "",
        ));
    }
    if allowed <= 0 {
        let why =
            format!("The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently");
        let mut error = Error::too_many_requests(REFUSED, 0).with_cause("DisruptionBudget", &why, "");
        if let Some(details) = &mut error.details {
            details.retry_after_seconds = None;
        }
        return Err(error);
    }
    let mut spent = budget.clone();
    spent["status"]["disruptionsAllowed"] = json!(allowed - 1);
    spent["status"]["disruptedPods"][pod] = json!(call.core.environment.timestamp());
    Ok(spent)
}
