//! A cluster with an operator on it, through the edits of an afternoon.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::error::Result;
use crate::local::{self, Api, Cluster, Operator};
use crate::manifest;
use crate::plan::Manner;
use crate::shell::{Shell, count};
use crate::verb::Place;
use crate::verb::generate::Generate;

use super::{Dev, Part};

/// How long an operator may take to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where samples live.
const NAMESPACE: &str = "default";

/// What an operator does by itself.
pub(super) enum Event {
    /// It wrote a line.
    Line(String),
    /// It ended.
    Ended(Option<ExitStatus>),
}

pub(super) struct Session {
    root: PathBuf,
    name: String,
    samples: bool,
    cluster: Cluster,
    api: Api,
    operator: Option<Operator>,
    lines: UnboundedReceiver<String>,
    told: UnboundedSender<String>,
}

impl Session {
    /// Builds the operator and starts everything.
    pub(super) async fn start(root: PathBuf, name: String, options: &Dev, shell: &mut Shell) -> Result<Self> {
        let cluster = Cluster::start(&root.join("target/krate"), options.port).await?;
        let (told, lines) = unbounded_channel();
        let api = cluster.api();
        let samples = !options.no_samples;
        let mut session = Self {
            root,
            name,
            samples,
            cluster,
            api,
            operator: None,
            lines,
            told,
        };
        shell.status(
            "Started",
            format!("a Kubernetes API at {}", session.cluster.url()),
        );
        session.renew(shell).await?;
        Ok(session)
    }

    /// Says how to look at the cluster.
    pub(super) fn greet(&self, shell: &mut Shell) {
        let kubeconfig = self.cluster.kubeconfig();
        let twin = json!({"reason": "cluster", "url": self.cluster.url(), "kubeconfig": kubeconfig});
        shell.data(&format!("export KUBECONFIG={}\n", kubeconfig.display()), &twin);
        shell.note("Watching", "src/, config/ and Cargo.toml; press Ctrl-C to end");
    }

    /// Returns what the operator does next by itself.
    pub(super) async fn event(&mut self) -> Event {
        let ended = async {
            match &mut self.operator {
                Some(operator) => operator.wait().await.ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // What it wrote before it ended comes first.
            biased;
            Some(line) = self.lines.recv() => Event::Line(line),
            status = ended => Event::Ended(status),
        }
    }

    /// Shows what the operator did. One that is gone comes back with the next change.
    pub(super) fn tell(&mut self, event: Event, shell: &mut Shell) {
        match event {
            Event::Line(line) => shell.line_of("operator", &line),
            Event::Ended(status) => {
                self.operator = None;
                let how = status.map_or_else(
                    || "for an unknown reason".to_owned(),
                    |status| format!("with {status}"),
                );
                shell.warn(&format!(
                    "the operator ended {how}; it is started again when its code changes"
                ));
            }
        }
    }

    /// Does what a change asks for; a failure is shown and leaves what runs as it is.
    pub(super) async fn follow(&mut self, part: Part, shell: &mut Shell) {
        let followed = match part {
            Part::Code => self.renew(shell).await,
            Part::Manifests => self.install(shell).await.map(drop),
        };
        if let Err(error) = followed {
            shell.error(&error);
            shell.note("Waiting", "for the next change; what ran before runs on");
        }
    }

    /// Builds the operator and puts it in the place of the one that runs.
    async fn renew(&mut self, shell: &mut Shell) -> Result<()> {
        let binary = manifest::build(&self.root, &self.name, shell)?;
        let place = Place {
            here: self.root.clone(),
            disk: &crate::disk::RealDisk,
        };
        Generate {
            check: false,
            manner: Manner::default(),
        }
        .run(&place, shell)?;
        let kubeconfig = self.install(shell).await?;
        if let Some(mut operator) = self.operator.take() {
            operator.stop(PATIENCE).await?;
        }
        let told = self.told.clone();
        // The receiver lives as long as the session; after it nobody misses the lines.
        let tell = move |line: &str| drop(told.send(line.to_owned()));
        self.operator = Some(Operator::start(&binary, &kubeconfig, tell)?);
        shell.status("Running", format!("{} as its ServiceAccount", self.name));
        Ok(())
    }

    /// Applies CRDs, RBAC and samples, and returns the operator's kubeconfig.
    async fn install(&self, shell: &mut Shell) -> Result<PathBuf> {
        let crds = local::crds(&self.api, &self.root).await?;
        let account = local::rbac(&self.api, &self.root, &local::namespace(&self.name)).await?;
        shell.status(
            "Installed",
            format!(
                "{}, and RBAC for {}/{}",
                crds.join(", "),
                account.namespace,
                account.name
            ),
        );
        if self.samples {
            let samples = local::samples(&self.api, &self.root, NAMESPACE).await?;
            shell.status("Applied", count(samples.len(), "sample"));
        }
        self.cluster.kubeconfig_for("operator", &account.token)
    }

    /// Stops the operator, then the cluster.
    pub(super) async fn stop(mut self, shell: &mut Shell) -> Result<()> {
        if let Some(mut operator) = self.operator.take() {
            operator.stop(PATIENCE).await?;
        }
        self.cluster.stop().await;
        shell.status("Stopped", format!("{} and its cluster", self.name));
        Ok(())
    }
}
