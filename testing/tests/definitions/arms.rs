//! Every case on every arm.

use futures::stream::{self, StreamExt as _};
use krate_testing::{Cluster, Result};

use crate::case;
use crate::trial::Trial;

/// A name for groups and what is in it.
const TABLES: [(&str, &str); 7] = [
    ("structure", include_str!("structure.txt")),
    ("names", include_str!("names.txt")),
    ("rules", include_str!("rules.txt")),
    ("defaults", include_str!("defaults.txt")),
    ("updates", include_str!("updates.txt")),
    ("limits", include_str!("limits.txt")),
    ("operators", include_str!("operators.txt")),
];

/// How many cases are under way at a time; a real server takes two seconds before the first object of a kind.
const AT_ONCE: usize = 24;

async fn check(cluster: &Cluster) {
    let mut faults = Vec::new();
    for (name, table) in TABLES {
        let group = |index: usize| format!("{name}{index}.example.com");
        let cases = case::read(table, group);
        let trials = cases.iter().enumerate();
        let trials = trials.map(|(index, case)| Trial::new(cluster.client(), case, group(index)).run());
        let said: Vec<Option<String>> = stream::iter(trials).buffered(AT_ONCE).collect().await;
        faults.extend(said.into_iter().flatten());
    }
    assert!(
        faults.is_empty(),
        "{} cases differ:\n{}",
        faults.len(),
        faults.join("\n\n")
    );
}

#[tokio::test]
async fn a_real_api_server_judges_definitions_so() -> Result<()> {
    if let Some(cluster) = Cluster::real().await? {
        check(&cluster).await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_embedded_api_server_judges_definitions_so() -> Result<()> {
    check(&Cluster::embedded()?).await;
    Ok(())
}
