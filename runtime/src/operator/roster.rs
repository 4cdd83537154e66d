//! The controllers of an operator, which may come and go while it runs.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{RwLock, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Site;
use crate::controller::{Prepared, Tenure};

/// The controllers that run together; clones share them.
#[derive(Clone)]
pub(crate) struct Roster {
    members: Arc<Mutex<Members>>,
    changed: Arc<watch::Sender<()>>,
}

#[derive(Default)]
struct Members {
    all: Vec<Arc<Member>>,
    next: u64,
}

struct Member {
    number: u64,
    controller: Prepared,
    /// It is to run no more.
    removed: CancellationToken,
    /// Held by whatever runs it.
    running: RwLock<()>,
}

/// A controller that was added while the operator runs; it stays when this is dropped.
///
/// ```no_run
/// # use krate::{Kind, controller::Controller, kube::core::DynamicObject, operator::Site};
/// # async fn example<R: krate::Reconcile<Object = DynamicObject>>(site: &Site, reconciler: R) -> krate::Result<()> {
/// let widgets = Kind::namespaced("example.com", "v1", "Widget", "widgets");
/// let added = site.add(Controller::of_kind(widgets, reconciler))?;
/// // Later, when the kind is gone:
/// added.remove().await;
/// # Ok(())
/// # }
/// ```
pub struct Added {
    site: Site,
    roster: Roster,
    member: Arc<Member>,
}

impl Roster {
    pub(super) fn new() -> Self {
        Self {
            members: Arc::default(),
            changed: Arc::new(watch::Sender::new(())),
        }
    }

    /// Adds a controller; where a tenure is on, it starts to run.
    pub(super) fn add(&self, site: &Site, controller: Prepared) -> Added {
        let member = {
            let mut members = self.members();
            members.next += 1;
            let member = Arc::new(Member {
                number: members.next,
                controller,
                removed: CancellationToken::new(),
                running: RwLock::new(()),
            });
            members.all.push(Arc::clone(&member));
            member
        };
        self.changed.send_replace(());
        Added {
            site: site.clone(),
            roster: self.clone(),
            member,
        }
    }

    /// Runs the controllers there are, and those that come, for a tenure; returns when nothing runs any more.
    pub(super) async fn work(&self, tenure: &Tenure) {
        let mut changes = self.changed.subscribe();
        let mut started = BTreeSet::new();
        let mut running = JoinSet::new();
        loop {
            let members = self.members().all.clone();
            for member in members.into_iter().filter(|member| started.insert(member.number)) {
                running.spawn(member.run(tenure.clone()));
            }
            tokio::select! {
                biased;
                () = tenure.over() => break,
                // The sender lives in `self`.
                _ = changes.changed() => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Lets go of every controller.
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut self.members().all);
        drop(all);
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    /// Runs for a tenure, or until the controller is removed; what runs then may finish.
    async fn run(self: Arc<Self>, tenure: Tenure) {
        let _running = self.running.read().await;
        let stop = tenure.stop.child_token();
        let tenure = Tenure {
            stop: stop.clone(),
            ..tenure
        };
        let mut run = pin!(self.controller.run(&tenure));
        tokio::select! {
            () = &mut run => return,
            () = self.removed.cancelled() => stop.cancel(),
        }
        run.await;
    }
}

impl Added {
    /// Returns the name of the controller.
    #[must_use]
    pub fn name(&self) -> &str {
        self.member.controller.engine.name()
    }

    /// Removes the controller: nothing new is started, and what runs may finish before this returns.
    ///
    /// Watches that nobody else needs stop with it. Finalizers of the controller stay on its objects: whoever removes
    /// a controller for good cleans up first.
    pub async fn remove(self) {
        let Self { site, roster, member } = self;
        member.removed.cancel();
        roster.members().all.retain(|known| known.number != member.number);
        let _ended = member.running.write().await;
        site.remove_controller(member.controller.engine.name());
    }
}

impl fmt::Debug for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Added")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
