//! Giving a pod to a node.

use serde_json::{Value, json};

use super::admit::{self, Act, Admits};
use super::answer::{Answer, done};
use super::call::Call;
use super::{decode, update};
use crate::request::{FieldValidation, WriteOptions};
use crate::status::{Error, GroupResource, Result};

const BINDING: GroupResource<'_> = GroupResource {
    group: "",
    resource: "pods/binding",
};

pub(super) async fn bind(call: &mut Call<'_>) -> Result<Answer> {
    let options = WriteOptions::create(&call.request.query)?;
    let binding = decode::object(call, FieldValidation::Ignore)?;
    let act = Act::create(call, &options, &call.path.name);
    let binding = admit::mutate(call, &act, binding, None).await?;
    admit::validate(call, &act, Some(&binding), None).await?;
    let node = binding
        .get("target")
        .and_then(|target| target.get("name")?.as_str())
        .unwrap_or_default()
        .to_owned();
    let name = call.path.name.clone();
    let change = |call: &mut Call<'_>, pod: &Value| assigned(call, pod, &node);
    update::change(call, &name, (&options, Admits::Caller), None, change).await?;
    Ok(done())
}

/// Returns the pod on the node.
fn assigned(call: &Call<'_>, pod: &Value, node: &str) -> Result<Value> {
    let name = &call.path.name;
    let current = pod
        .get("spec")
        .and_then(|spec| spec.get("nodeName")?.as_str())
        .unwrap_or_default();
    if !current.is_empty() {
        let why = format!("pod {name} is already assigned to node {current:?}");
        return Err(Error::conflict(BINDING, name, &why));
    }
    let mut pod = pod.clone();
    pod["spec"]["nodeName"] = json!(node);
    let conditions = pod["status"]["conditions"].take();
    let mut conditions = conditions.as_array().cloned().unwrap_or_default();
    conditions.retain(|condition| condition["type"] != "PodScheduled");
    conditions.push(json!({
        "type": "PodScheduled", "status": "True", "lastProbeTime": null,
        "lastTransitionTime": call.core.environment.timestamp(),
    }));
    pod["status"]["conditions"] = Value::Array(conditions);
    Ok(pod)
}
