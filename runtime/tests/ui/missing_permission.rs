use krate::k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::prelude::*;

#[derive(Reconciler)]
#[reconciler(for = ConfigMap, permits(Secret: [get]))]
struct Site;

impl Reconcile for Site {
    async fn reconcile(&self, _: Arc<ConfigMap>, cx: &Context<Self>) -> Result<Action> {
        let secret = cx.get::<Secret>("credentials").await?;
        cx.delete::<Secret>(&secret).await?;
        Ok(Action::done())
    }
}

fn main() {}
