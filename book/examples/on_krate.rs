//! The same reconciler on krate: the right side of the chapter "From kube-rs".

use std::collections::BTreeMap;
use std::time::Duration;

use krate::k8s_openapi::api::core::v1::ConfigMap;
use krate::kube::api::ObjectMeta;
use krate::prelude::*;

/// Page is a page of a website.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(group = "example.com", version = "v1", kind = "Page", namespaced)]
struct PageSpec {
    /// What it says.
    text: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the page is empty")]
struct Empty;

#[derive(Reconciler)]
#[reconciler(for = Page, owns(ConfigMap))]
struct Pages;

impl Reconcile for Pages {
    async fn reconcile(&self, page: Arc<Page>, cx: &Context<Self>) -> Result<Action> {
        if page.spec.text.is_empty() {
            return Err(Error::terminal(Empty));
        }
        let map = ConfigMap {
            metadata: ObjectMeta {
                name: Some(page.name_any()),
                ..ObjectMeta::default()
            },
            data: Some(BTreeMap::from([("page".to_owned(), page.spec.text.clone())])),
            ..ConfigMap::default()
        };
        cx.apply_children(&page, map).await?;
        Ok(Action::requeue(Duration::from_secs(3600)))
    }
}

fn main() -> std::process::ExitCode {
    krate::main(|| Operator::new().controller(Pages))
}
