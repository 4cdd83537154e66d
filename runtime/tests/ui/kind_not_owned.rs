use krate::k8s_openapi::api::apps::v1::Deployment;
use krate::k8s_openapi::api::core::v1::{ConfigMap, Service};
use krate::prelude::*;

#[derive(Reconciler)]
#[reconciler(for = ConfigMap, owns(Deployment))]
struct Site;

impl Reconcile for Site {
    async fn reconcile(&self, site: Arc<ConfigMap>, cx: &Context<Self>) -> Result<Action> {
        cx.apply_children(&site, (Deployment::default(), Service::default())).await?;
        Ok(Action::done())
    }
}

fn main() {}
