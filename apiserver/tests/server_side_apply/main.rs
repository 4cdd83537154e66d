//! Server-side apply and field ownership, replayed from exchanges with a real kube-apiserver.
#![expect(clippy::needless_pass_by_value, reason = "reads better with literals")]

mod story;

mod built_in;
mod custom;
mod kubectl;
mod properties;
mod scale;
