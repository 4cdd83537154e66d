//! How an operator takes part in an election.

use std::io::ErrorKind as Io;
use std::time::Duration;

use crate::environment::Environment;
use crate::{Error, Result};

/// Where a pod finds the namespace it runs in.
const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// How an operator takes part in the election of a leader.
///
/// The times are client-go's: a lease of 15 seconds that its holder renews every 2, and gives up after 10 without
/// success.
///
/// ```
/// use krate::Operator;
/// use krate::election::LeaderElection;
///
/// let operator = Operator::new().leader_election(LeaderElection::new("shop.example.com"));
/// # let _ = operator;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderElection {
    name: String,
    namespace: Option<String>,
    identity: Option<String>,
    times: Times,
    exit_on_loss: bool,
    release_on_stop: bool,
}

/// The times of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// How long others wait for a renewal before they take over.
    pub(crate) lease_duration: Duration,
    /// How long the leader acts without a renewal.
    pub(crate) renew_deadline: Duration,
    /// How long to wait between two attempts to renew or to look.
    pub(crate) retry_period: Duration,
}

/// An election with nothing left open.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) identity: String,
    pub(crate) times: Times,
    pub(crate) exit_on_loss: bool,
    pub(crate) release_on_stop: bool,
}

impl LeaderElection {
    /// Returns an election on the lease of this name; the same for all replicas, and for nobody else.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            namespace: None,
            identity: None,
            times: Times {
                lease_duration: Duration::from_secs(15),
                renew_deadline: Duration::from_secs(10),
                retry_period: Duration::from_secs(2),
            },
            exit_on_loss: false,
            release_on_stop: true,
        }
    }

    /// Sets the namespace of the lease; in a pod it is the pod's own unless this is called, and elsewhere it must be.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets who this replica is; `hostname_uuid` unless this is called.
    ///
    /// No two processes may share an identity, also not one after the other: a restarted process that finds its own
    /// name in the lease would act on what its predecessor knew.
    #[must_use]
    pub fn identity(mut self, identity: impl Into<String>) -> Self {
        self.identity = Some(identity.into());
        self
    }

    /// Sets how long others wait for a renewal before they take over; 15 seconds unless this is called.
    ///
    /// The lease says it in whole seconds, rounded up.
    #[must_use]
    pub fn lease_duration(mut self, lease_duration: Duration) -> Self {
        self.times.lease_duration = lease_duration;
        self
    }

    /// Sets how long the leader acts without a renewal; 10 seconds unless this is called.
    ///
    /// What is left of the lease after it is the margin for writes in flight and for clocks that run unequally.
    #[must_use]
    pub fn renew_deadline(mut self, renew_deadline: Duration) -> Self {
        self.times.renew_deadline = renew_deadline;
        self
    }

    /// Sets how often the leader renews, and how often a replica tries again that cannot watch the lease; 2 seconds
    /// unless this is called.
    #[must_use]
    pub fn retry_period(mut self, retry_period: Duration) -> Self {
        self.times.retry_period = retry_period;
        self
    }

    /// Ends the operator with an error when the lease is lost, as controller-runtime does; by default the term's
    /// controllers are cancelled and the operator stands for election again, its caches warm.
    #[must_use]
    pub fn exit_on_loss(mut self, exit: bool) -> Self {
        self.exit_on_loss = exit;
        self
    }

    /// Gives the lease up when the operator stops, so that another replica takes over at once; the default.
    ///
    /// With `false` the lease is left to expire.
    #[must_use]
    pub fn release_on_stop(mut self, release: bool) -> Self {
        self.release_on_stop = release;
        self
    }

    /// Returns the name of the lease.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the namespace that was set, if one was.
    #[must_use]
    pub fn chosen_namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Stands for election on another lease.
    pub(crate) fn rename(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// Checks what was set, and fills in what was not.
    ///
    /// # Errors
    ///
    /// If the times do not fit, or it is not known in which namespace the lease is.
    pub(crate) fn settle(self, environment: &Environment) -> Result<Settled> {
        if self.name.is_empty() {
            return Err(Error::new(
                "the lease of the election has no name; help: give it one, as in `LeaderElection::new(\"shop.example.com\")`",
            ));
        }
        self.times.check()?;
        Ok(Settled {
            name: self.name,
            namespace: self
                .namespace
                .map_or_else(|| namespace_of_pod(NAMESPACE_FILE), Ok)?,
            identity: self.identity.unwrap_or_else(|| identity(environment)),
            times: self.times,
            exit_on_loss: self.exit_on_loss,
            release_on_stop: self.release_on_stop,
        })
    }
}

impl Times {
    /// The rules are client-go's: attempts come up to a fifth later than asked for.
    fn check(&self) -> Result<()> {
        let Self {
            lease_duration,
            renew_deadline,
            retry_period,
        } = *self;
        let refuse = |what: String| {
            Err(Error::new(format!(
                "the times of the leader election do not fit: {what}"
            )))
        };
        if retry_period.is_zero() {
            return refuse("the retry period must be above 0".to_owned());
        }
        if lease_duration <= renew_deadline {
            return refuse(format!(
                "the lease duration ({lease_duration:?}) must be above the renew deadline ({renew_deadline:?})"
            ));
        }
        if renew_deadline <= retry_period * 6 / 5 {
            return refuse(format!(
                "the renew deadline ({renew_deadline:?}) must be above 1.2 times the retry period ({retry_period:?})"
            ));
        }
        Ok(())
    }

    /// Returns how long one request may take, so that there is time for another.
    pub(crate) fn patience(&self) -> Duration {
        self.renew_deadline / 2
    }

    /// Returns the lease duration as the lease says it.
    pub(crate) fn whole_seconds(&self) -> i32 {
        let seconds = self.lease_duration.as_millis().div_ceil(1000);
        i32::try_from(seconds).unwrap_or(i32::MAX)
    }
}

fn namespace_of_pod(path: &str) -> Result<String> {
    match std::fs::read_to_string(path) {
        Ok(namespace) if !namespace.trim().is_empty() => Ok(namespace.trim().to_owned()),
        Ok(_) => Err(Error::new(format!(
            "`{path}` is empty, so the namespace of the lease is not known"
        ))),
        Err(error) if error.kind() == Io::NotFound => Err(Error::new(
            "not in a pod, so the namespace of the lease is not known; help: set it with `--leader-election-namespace`, or with `.namespace(\"..\")` of `LeaderElection`",
        )),
        Err(error) => Err(Error::from(error).context(format!("read `{path}`"))),
    }
}

/// As client-go's users name themselves: the host says where to look, the uuid that it is this process.
fn identity(environment: &Environment) -> String {
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy().into_owned();
    format!("{host}_{}", environment.uid())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn times_that_do_not_fit_are_refused() {
        let check = |lease: u32, renew: u32, retry: u32, expected: bool| {
            let times = Times {
                lease_duration: SECOND * lease,
                renew_deadline: SECOND * renew,
                retry_period: SECOND * retry,
            };
            assert_eq!(times.check().is_ok(), expected, "{times:?}");
        };
        check(15, 10, 2, true);
        check(15, 15, 2, false);
        check(10, 15, 2, false);
        check(15, 12, 10, false);
        check(15, 13, 10, true);
        check(15, 10, 0, false);
        check(0, 0, 0, false);
    }

    #[test]
    fn a_lease_says_its_duration_in_whole_seconds_rounded_up() {
        let check = |milliseconds: u64, expected: i32| {
            let times = LeaderElection::new("a")
                .lease_duration(Duration::from_millis(milliseconds))
                .times;
            assert_eq!(times.whole_seconds(), expected);
        };
        check(15_000, 15);
        check(1, 1);
        check(1_001, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_set_is_filled_in() {
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        let settled = |election: LeaderElection| election.settle(&environment);
        let one = settled(LeaderElection::new("a").namespace("ns")).unwrap();
        let other = settled(LeaderElection::new("a").namespace("ns")).unwrap();
        assert_ne!(one.identity, other.identity);
        let (_, uuid) = one.identity.rsplit_once('_').unwrap();
        assert_eq!(uuid.len(), 36);
        let named = settled(LeaderElection::new("a").namespace("ns").identity("me")).unwrap();
        assert_eq!((named.identity.as_str(), named.namespace.as_str()), ("me", "ns"));
        assert!(settled(LeaderElection::new("").namespace("ns")).is_err());
    }

    #[test]
    fn outside_of_a_pod_the_error_says_what_to_set() {
        let error = namespace_of_pod("/nowhere/namespace").unwrap_err();
        assert!(
            error.to_string().contains("--leader-election-namespace"),
            "{error}"
        );
    }
}
