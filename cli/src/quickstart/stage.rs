//! The stage of a story – project, cluster, operator – and what happens on it.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::local::{self, Api, Cluster, Operator, Unmet};
use crate::quickstart::objects::{Table, condition, controller};
use crate::quickstart::step::Story;

/// How long anything on the cluster may take; a machine under load must not fail what merely takes a while.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where the sample lives.
const NAMESPACE: &str = "default";

/// All that runs.
pub(super) struct Stage {
    pub(super) root: PathBuf,
    pub(super) cluster: Cluster,
    pub(super) api: Api,
    pub(super) operator: Operator,
    /// The sample as it was applied; null before.
    pub(super) sample: Value,
    pub(super) keep: bool,
}

impl Stage {
    pub(super) fn is_kept(&self) -> bool {
        self.keep
    }

    pub(super) async fn apply_sample(&mut self, story: &mut Story<'_>) -> Result<()> {
        let applying = async {
            let mut samples = local::samples(&self.api, &self.root, NAMESPACE)
                .await?
                .into_iter();
            let none = || Error::project("there is no sample to apply").at("config/samples", None);
            let sample = samples.next().ok_or_else(none)?;
            Ok((title(&sample), sample))
        };
        self.sample = story.step("Applied", applying).await?;
        Ok(())
    }

    pub(super) async fn await_available(&mut self, story: &mut Story<'_>) -> Result<()> {
        let available = |object: Option<&Value>| object.is_some_and(is_available);
        let waiting = async {
            let expected = format!("{} to be Available", title(&self.sample));
            let sample = self.expect(&self.sample, &expected, available).await?;
            let message = condition(&sample, "Available").and_then(|found| found["message"].as_str());
            Ok((
                format!("{}: {}", title(&self.sample), message.unwrap_or("no message")),
                (),
            ))
        };
        story.step("Available", waiting).await
    }

    pub(super) async fn delete_deployment(&mut self, story: &mut Story<'_>) -> Result<()> {
        let healing = async {
            let deployment = self.deployment().await?;
            let lost = uid(&deployment).to_owned();
            self.api.delete(&deployment).await?;
            let back = |object: Option<&Value>| {
                object.is_some_and(|found| uid(found) != lost && is_available(found))
            };
            let expected = format!("{} to return after it was deleted", title(&deployment));
            self.expect(&deployment, &expected, back).await?;
            Ok((
                format!("{}, deleted behind the operator's back", title(&deployment)),
                (),
            ))
        };
        story.step("Healed", healing).await
    }

    pub(super) async fn change_size(&mut self, story: &mut Story<'_>) -> Result<()> {
        let following = async {
            let before = self.sample["spec"]["size"].as_i64().unwrap_or(1);
            let after = before + 1;
            let deployment = self.deployment().await?;
            self.api
                .merge(&self.sample, json!({"spec": {"size": after}}))
                .await?;
            let grown = |object: Option<&Value>| {
                object.is_some_and(|found| found["status"]["readyReplicas"] == after)
            };
            self.expect(
                &deployment,
                &format!("{} to have {after} ready replicas", title(&deployment)),
                grown,
            )
            .await?;
            let reported = |object: Option<&Value>| {
                object.is_some_and(|found| is_available(found) && is_observed(found))
            };
            self.expect(
                &self.sample,
                &format!("{} to be Available at its new size", title(&self.sample)),
                reported,
            )
            .await?;
            Ok((format!("size {before} → {after}"), ()))
        };
        story.step("Followed", following).await
    }

    /// Shows the sample, what the operator made for it, and what that led to.
    pub(super) async fn show_objects(&self, story: &mut Story<'_>) -> Result<()> {
        let mut objects: Vec<Value> = self.api.get(&self.sample).await?.into_iter().collect();
        for (api_version, kind) in [
            ("apps/v1", "Deployment"),
            ("apps/v1", "ReplicaSet"),
            ("v1", "Pod"),
            ("v1", "Service"),
        ] {
            let found = self.api.list(api_version, kind, NAMESPACE).await?;
            objects.extend(found.into_iter().filter(|object| controller(object).is_some()));
        }
        let table = Table::of(&objects);
        story
            .shell()
            .data(&format!("\n{}\n", table.text()), &table.twin());
        Ok(())
    }

    pub(super) async fn delete_sample(&mut self, story: &mut Story<'_>) -> Result<()> {
        let collecting = async {
            let children = self.children().await?;
            self.api.delete(&self.sample).await?;
            for child in std::iter::once(&self.sample).chain(&children) {
                self.expect(child, &format!("{} to go", title(child)), |object| {
                    object.is_none()
                })
                .await?;
            }
            let names: Vec<String> = children.iter().map(title).collect();
            Ok((format!("{} with {}", title(&self.sample), names.join(", ")), ()))
        };
        story.step("Collected", collecting).await
    }

    pub(super) async fn stop_operator(&mut self, story: &mut Story<'_>) -> Result<()> {
        let stopping = async {
            let ended = self.operator.stop(PATIENCE).await?;
            if !ended.success() {
                return Err(Error::machine(format!(
                    "expected the operator to end well after SIGTERM, saw {ended}"
                )));
            }
            Ok(("the operator after SIGTERM".to_owned(), ()))
        };
        story.step("Drained", stopping).await
    }

    /// Leaves everything running until the operator ends or the user has enough.
    pub(super) async fn keep(mut self, story: &mut Story<'_>) -> Result<()> {
        let kubeconfig = self.cluster.kubeconfig();
        let text = format!(
            "export KUBECONFIG={}\nkubectl get all,{}\n",
            kubeconfig.display(),
            kind(&self.sample).to_lowercase()
        );
        story.shell().data(
            &text,
            &json!({"reason": "kept", "kubeconfig": kubeconfig, "url": self.cluster.url()}),
        );
        story
            .shell()
            .note("Kept", "the cluster and the operator run until you press Ctrl-C");
        tokio::select! {
            ended = self.operator.wait() => {
                let error = Error::machine(format!("the operator ended by itself: {}", ended?));
                Err(self.explain(error).await)
            }
            _ = tokio::signal::ctrl_c() => {
                self.operator.stop(PATIENCE).await?;
                self.cluster.stop().await;
                Ok(())
            }
        }
    }

    /// Ends the cluster and the story.
    pub(super) async fn strike(self, story: &mut Story<'_>) -> Result<()> {
        self.cluster.stop().await;
        let project = self.root.display();
        let all = story.elapsed();
        story.shell().status(
            "Finished",
            format!("all of it observed in {all}; the project is in {project}"),
        );
        Ok(())
    }

    /// Adds the operator's last words to an error, and ends what runs.
    pub(super) async fn explain(mut self, error: Error) -> Error {
        let ended = self.operator.ended();
        if ended.is_none() {
            // The error to report is the one at hand; that stopping failed as well adds nothing to it.
            let _ = self.operator.stop(Duration::from_secs(5)).await;
        }
        let log = self.operator.log();
        self.cluster.stop().await;
        let error = match ended {
            Some(status) => error.help(format!("the operator had ended by itself: {status}")),
            None => error,
        };
        if log.is_empty() {
            error.help("the operator wrote no log")
        } else {
            error.snippet(log.join("\n"))
        }
    }

    async fn expect(
        &self,
        object: &Value,
        expected: &str,
        holds: impl Fn(Option<&Value>) -> bool,
    ) -> Result<Value> {
        match self.api.until(object, PATIENCE, holds).await? {
            Ok(seen) => Ok(seen.unwrap_or_default()),
            Err(Unmet { seen }) => {
                let seen = seen.map_or_else(|| "no such object".to_owned(), |object| facts(&object));
                let message = format!("expected {expected} within {} s", PATIENCE.as_secs());
                Err(Error::machine(message).because(format!("seen: {seen}")))
            }
        }
    }

    async fn deployment(&self) -> Result<Value> {
        let children = self.children().await?;
        let deployment = children.into_iter().find(|child| kind(child) == "Deployment");
        deployment.ok_or_else(|| {
            Error::machine(format!(
                "expected {} to have a Deployment, saw none",
                title(&self.sample)
            ))
        })
    }

    /// What the sample controls.
    async fn children(&self) -> Result<Vec<Value>> {
        let mut children = self.api.list("apps/v1", "Deployment", NAMESPACE).await?;
        children.extend(self.api.list("v1", "Service", NAMESPACE).await?);
        children.retain(|child| {
            controller(child).is_some_and(|owner| owner["uid"] == self.sample["metadata"]["uid"])
        });
        Ok(children)
    }
}

fn is_available(object: &Value) -> bool {
    condition(object, "Available").is_some_and(|found| found["status"] == "True")
}

/// The conditions speak of the object as it is now.
fn is_observed(object: &Value) -> bool {
    condition(object, "Available")
        .is_some_and(|found| found["observedGeneration"] == object["metadata"]["generation"])
}

fn kind(object: &Value) -> &str {
    object["kind"].as_str().unwrap_or_default()
}

fn uid(object: &Value) -> &str {
    object["metadata"]["uid"].as_str().unwrap_or_default()
}

fn title(object: &Value) -> String {
    format!(
        "{}/{}",
        kind(object),
        object["metadata"]["name"].as_str().unwrap_or_default()
    )
}

/// The part of an object that says how it fares.
fn facts(object: &Value) -> String {
    let generation = &object["metadata"]["generation"];
    format!(
        "generation {generation}, spec {}, status {}",
        object["spec"], object["status"]
    )
}
