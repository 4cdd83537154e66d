use krate::k8s_openapi::api::core::v1::ConfigMap;
use krate::prelude::*;
use krate::webhook::Webhook;

struct Rules;

fn main() {
    let _ = Operator::new()
        .webhook(Webhook::defaulting(Rules))
        .webhook(Webhook::validating(Rules))
        .webhook(Webhook::conversion::<ConfigMap>());
}
