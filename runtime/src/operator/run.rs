//! How a declared operator starts, and what it goes through until it has stopped.

use std::collections::BTreeSet;
use std::convert::Infallible;

use super::house::House;
use super::signal::Signals;
use super::site::taken;
use super::{Operator, Site, Stage, Stop};
use crate::cache::{Caches, Setting};
use crate::client::{self, Clients};
use crate::election::{Settled, Status};
use crate::health::election_line;
use crate::{Error, Result};

impl Operator {
    /// Runs until SIGTERM or SIGINT; a second signal cuts off what still runs.
    ///
    /// # Errors
    ///
    /// If the operator is put together wrongly, a part of it fails, or something had to be cut off.
    pub async fn run(self) -> Result<()> {
        let signals = Signals::listen().map_err(|error| Error::from(error).context("listen to signals"))?;
        let stop = Stop::new();
        tokio::select! {
            ended = Box::pin(self.run_until(&stop)) => ended,
            () = signals.pass_to(&stop) => Ok(()),
        }
    }

    /// Runs until the handle says stop; takes no signals.
    ///
    /// # Errors
    ///
    /// If the operator is put together wrongly, a part of it fails, or something had to be cut off.
    pub async fn run_until(mut self, stop: &Stop) -> Result<()> {
        self.check_names()?;
        let grace = self.grace;
        let environment = self.environment.clone().unwrap_or_default();
        let election = self
            .election
            .clone()
            .map(|election| election.settle(&environment))
            .transpose()?;
        let meter = self.sight.metrics.meters().client().clone();
        let client = match self.client.clone() {
            Some(client) => client::measured_client(client, meter, ""),
            None => client::find(meter).await?,
        };
        let clients = Clients::new(client, self.limit)?;
        let caches = Caches::new(self.namespaces.clone());
        let status = election.as_ref().map(Status::new);
        let site = Site::new(clients, caches, environment, self.sight.clone(), status);
        if let Some(hall) = self.hall {
            (hall.serve)(&mut self, &site)?;
        }
        let (mut house, mut failures) = House::new(site.clone());
        let running = self.running.clone();
        running.send_replace(Some(site.clone()));
        let ended = tokio::select! {
            biased;
            () = stop.requested() => Ok(()),
            Some(error) = failures.recv() => Err(error),
            Err(error) = Box::pin(self.start(&site, &mut house, election)) => Err(error),
        };
        let down = house.down(grace, stop).await;
        running.send_replace(None);
        // What failed on the way down is only told if nothing failed before.
        ended.and(down).and(failures.try_recv().map_or(Ok(()), Err))
    }

    /// Starts everything in order; never ends: what fails says so by itself.
    async fn start(self, site: &Site, house: &mut House, election: Option<Settled>) -> Result<Infallible> {
        let setting = Setting {
            client: site.client().clone(),
            environment: site.environment().clone(),
            keep_managed_fields: self.keep_managed_fields,
            decoded: self.decoded,
        };
        for controller in self.controllers {
            site.admit(controller)?;
        }
        let mut parts = self.parts;
        if parts.iter().any(|(stage, _)| *stage == Stage::Webhooks) {
            site.checks().serves_webhooks();
        }
        if let Some(election) = &election {
            let status = site.election_status(election);
            site.checks()
                .told("election", move || Ok(election_line(&status.report())));
        }
        parts.extend(self.doors.parts());
        // Stable: parts of one stage start in the order they were added.
        parts.sort_by_key(|(stage, _)| *stage);
        let mut split = |at: Stage| parts.split_off(parts.partition_point(|(stage, _)| *stage < at));
        let (elections, tasks) = (split(Stage::Election), split(Stage::Tasks));
        for (stage, part) in parts {
            house.start(stage, part).await;
        }
        house.start_caches(&setting);
        site.caches().settled().await;
        for (stage, part) in tasks {
            house.start(stage, part).await;
        }
        house.start_controllers(site.free(), Vec::new());
        for (stage, part) in elections {
            house.start(stage, part).await;
        }
        match election {
            Some(election) => house.start_election(site.led(), self.duties, election).await,
            None => house.start_controllers(site.led(), self.duties),
        }
        Ok(std::future::pending().await)
    }

    fn check_names(&self) -> Result<()> {
        let mut names = BTreeSet::new();
        for controller in &self.controllers {
            let name = controller.name();
            if !names.insert(name.clone()) {
                return Err(taken(&name));
            }
        }
        Ok(())
    }
}
