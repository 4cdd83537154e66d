//! Probes, as the kubelet and people ask them.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;

use super::*;
use crate::cache::{Namespaces, Selection};
use crate::serve::Body;
use crate::{Error, Result};

struct World {
    caches: Caches,
    checks: Checks,
}

impl World {
    fn new() -> Self {
        Self {
            caches: Caches::new(Namespaces::All),
            checks: Checks::default(),
        }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let page = HealthPage {
            caches: self.caches.clone(),
            checks: self.checks.clone(),
        };
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let response = page.routes().answer(request).await;
        let status = response.status().as_u16();
        let body = response.into_body().bytes(1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn check(&self, path: &str, status: u16, text: &str) {
        assert_eq!(self.get(path).await, (status, text.to_owned()), "{path}");
    }
}

fn passes() -> std::future::Ready<Result<()>> {
    std::future::ready(Ok(()))
}

#[tokio::test(start_paused = true)]
async fn without_checks_a_process_that_answers_is_alive_and_ready() {
    let world = World::new();
    for probe in ["healthz", "readyz"] {
        world.check(&format!("/{probe}"), 200, "ok").await;
        let verbose = format!("[+]ping ok\n{probe} check passed\n");
        world.check(&format!("/{probe}?verbose"), 200, &verbose).await;
        world.check(&format!("/{probe}/ping"), 200, "ok").await;
        world
            .check(&format!("/{probe}/other"), 404, "there is no such check\n")
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_that_fails_is_told_with_its_reason_unless_excluded() {
    let world = World::new();
    world.checks.ready("good", passes);
    world.checks.ready("bad/one", || async {
        Err(Error::new("no connection\nhelp: plug it in"))
    });
    let failed =
        "[+]ping ok\n[-]bad/one failed: no connection help: plug it in\n[+]good ok\nreadyz check failed\n";
    world.check("/readyz", 500, failed).await;
    world.check("/readyz?verbose=1", 500, failed).await;
    world.check("/readyz?exclude=bad%2Fone", 200, "ok").await;
    let excluded = "[+]ping ok\n[+]bad/one excluded: ok\n[+]good ok\n\
                    warn: some health checks cannot be excluded: no matches for \"x\"\nreadyz check passed\n";
    world
        .check("/readyz?exclude=bad/one&exclude=x&verbose", 200, excluded)
        .await;
    world.check("/readyz/good", 200, "ok").await;
    world
        .check(
            "/readyz/bad/one",
            500,
            "internal server error: no connection\nhelp: plug it in\n",
        )
        .await;
    world.check("/healthz", 200, "ok").await;
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_or_panics_fails_and_holds_up_nobody() {
    let world = World::new();
    world.checks.live("hangs", std::future::pending);
    world.checks.live("panics", || async { panic!("told to panic") });
    world.checks.live("passes", passes);
    let began = tokio::time::Instant::now();
    let expected = "[+]ping ok\n[-]hangs failed: no answer after 5s\n[-]panics failed: it panicked\n\
                    [+]passes ok\nhealthz check failed\n";
    world.check("/healthz", 500, expected).await;
    assert!(began.elapsed() < Duration::from_secs(6));
    world.check("/readyz", 200, "ok").await;
}

#[tokio::test(start_paused = true)]
async fn a_replica_is_ready_once_its_caches_are_complete() {
    let world = World::new();
    let whole = world.caches.whole();
    let maps = world.caches.declare::<ConfigMap>(&whole);
    let labelled = Selection {
        labels: Some("app=web".into()),
        ..whole
    };
    world.caches.declare::<Deployment>(&labelled).fill([]);
    let waits = "[+]ping ok\n[-]cache/ConfigMap failed: syncing\n[+]cache/Deployment.apps/app=web ok: live\n\
                 readyz check failed\n";
    world.check("/readyz", 500, waits).await;
    world
        .check("/readyz/cache/Deployment.apps/app%3Dweb", 200, "ok")
        .await;
    world.check("/healthz", 200, "ok").await;
    maps.fill([]);
    world.check("/readyz", 200, "ok").await;
}

#[tokio::test(start_paused = true)]
async fn a_replica_with_webhooks_is_ready_before_its_caches() {
    let world = World::new();
    world.caches.declare::<ConfigMap>(&world.caches.whole());
    world.checks.serves_webhooks();
    let told = "[+]ping ok\n[+]cache/ConfigMap ok: syncing\nreadyz check passed\n";
    world.check("/readyz?verbose", 200, told).await;
}

#[tokio::test(start_paused = true)]
async fn a_part_tells_how_it_stands() {
    let world = World::new();
    world.checks.told("election", || Ok("standing by".to_owned()));
    let told = "[+]ping ok\n[+]election ok: standing by\nreadyz check passed\n";
    world.check("/readyz?verbose", 200, told).await;
}
