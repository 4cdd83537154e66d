//! Sets the stage: scaffolds, builds, starts the cluster, installs, starts the operator.

use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use serde_json::Value;

use crate::error::Result;
use crate::local::{self, Api, Cluster, Operator};
use crate::manifest;
use crate::plan::Manner;
use crate::quickstart::Quickstart;
use crate::quickstart::project::{self, NAME};
use crate::quickstart::stage::Stage;
use crate::quickstart::step::Story;
use crate::shell::{Format, Shell, Verbosity};

/// Sets the stage in `root`.
pub(super) async fn set(options: &Quickstart, root: PathBuf, story: &mut Story<'_>) -> Result<Stage> {
    // A step is one line; what the verbs below would say themselves is for those who run them.
    let quiet = &mut Shell::new(Format::Human, Verbosity::Quiet, ColorChoice::Auto);
    let scaffolded = project::scaffold(&root, &options.source, Manner::default(), quiet);
    story
        .step("Scaffolded", async {
            scaffolded.map(|()| (format!("{NAME} in {}", root.display()), ()))
        })
        .await?;
    let built = |shell: &mut Shell| Ok((NAME.to_owned(), manifest::build(&root, NAME, shell)?));
    let binary = story.step_with("Built", built)?;
    story
        .step("Generated", async {
            project::generate(&root, quiet).map(|()| ("CRDs and RBAC from its types".to_owned(), ()))
        })
        .await?;
    let cluster = story.step("Started", start(&root)).await?;
    let api = cluster.api();
    let kubeconfig = story.step("Installed", install(&api, &cluster, &root)).await?;
    let running = async {
        let operator = Operator::start(&binary, &kubeconfig, |_| {})?;
        Ok((format!("{NAME} as its ServiceAccount"), operator))
    };
    let operator = story.step("Running", running).await?;
    Ok(Stage {
        root,
        cluster,
        api,
        operator,
        sample: Value::Null,
        keep: options.keep,
    })
}

async fn start(root: &Path) -> Result<(String, Cluster)> {
    let cluster = Cluster::start(&root.join("target/krate"), 0).await?;
    Ok((format!("a Kubernetes API at {}", cluster.url()), cluster))
}

async fn install(api: &Api, cluster: &Cluster, root: &Path) -> Result<(String, PathBuf)> {
    let crds = local::crds(api, root).await?;
    let account = local::rbac(api, root, &local::namespace(NAME)).await?;
    let kubeconfig = cluster.kubeconfig_for("operator", &account.token)?;
    Ok((
        format!(
            "{}, and RBAC for {}/{}",
            crds.join(", "),
            account.namespace,
            account.name
        ),
        kubeconfig,
    ))
}
