//! A running mock, for use in tests of one's own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use edge::{Admission, Edge, RateLimits};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::admin;
use crate::admin::callbacks::Callback;
use crate::admin::{HostError, Hosts};
use crate::clock::Clock;
use crate::handlers;
use crate::job::deliver;
use crate::journal::Request;
use crate::options::{Options, RetriesError};
use crate::partners::{Directory, Partner, PartnerError};
use crate::scenario::{FaultError, ScenarioError, Scenarios, UnknownScenario, check_faults};
use crate::seed::Seed;
use crate::watch::watch;
use crate::world::{Parts, Settings, World};

/// How long a receiver of callbacks may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// A mock that serves until it is stopped or dropped.
pub struct Mock {
    world: Arc<World>,
    stop: CancellationToken,
    serving: Option<JoinHandle<Result<(), edge::ServeError>>>,
}

/// Why a mock could not start; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("can't listen on {address}: {error}. Choose another with --port or --host")]
    Listen {
        address: SocketAddr,
        error: std::io::Error,
    },
    #[error(transparent)]
    Partner(#[from] PartnerError),
    #[error("no partner is given")]
    NoPartner,
    #[error(transparent)]
    Scenario(#[from] UnknownScenario),
    #[error("scenario {name:?}: {error}")]
    Written { name: String, error: ScenarioError },
    #[error(transparent)]
    Fault(#[from] FaultError),
    #[error(transparent)]
    Retries(#[from] RetriesError),
    #[error("the speed must be 0, or from 0.001 to 1000000")]
    Speed,
    #[error("--admin-host: {0}")]
    AdminHost(#[from] HostError),
    #[error("no HTTP client for callbacks: {0}")]
    Client(#[from] reqwest::Error),
}

impl Mock {
    /// Starts on the current tokio runtime, and listens when it returns.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        if options.speed != 0.0 && !(1e-3..=1e6).contains(&options.speed) {
            return Err(StartError::Speed);
        }
        if options.partners.is_empty() {
            return Err(StartError::NoPartner);
        }
        options.retries.check()?;
        check_faults(&options.faults)?;
        for (name, scenario) in &options.scenarios {
            scenario.check().map_err(|error| StartError::Written {
                name: name.clone(),
                error,
            })?;
        }
        let cannot_listen = |error| StartError::Listen {
            address: options.listen,
            error,
        };
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let hosts = Hosts::new(address.ip(), &options.admin_hosts)?;
        let clock = Clock::new(options.speed);
        let limits = if options.rate_limits {
            let ticking = clock.clone();
            RateLimits::with_fast_clock(move || ticking.instant(), clock.told_speed())
        } else {
            RateLimits::disabled()
        };
        let directory = Directory::new(options.partners)?;
        let scenarios = Scenarios::new(options.scenarios);
        let world = World::new(Parts {
            url: reach(address),
            clock,
            seed: Seed(options.seed),
            admission: Admission::new(directory.clone(), limits),
            directory,
            settings: Settings {
                scenario: scenarios.get(&options.scenario)?,
                faults: options.faults,
            },
            scenarios,
            retries: options.retries,
            keep_jobs: options.keep_jobs,
            #[cfg(feature = "mutants")]
            mutant: options.mutant,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .timeout(ANSWER_WITHIN)
                // An attempt is over long before a probe would be sent.
                .tcp_keepalive(None)
                .tcp_keepalive_interval(None)
                .tcp_keepalive_retries(None)
                // Attempts are counted here, and each is put on record.
                .retry(reqwest::retry::never())
                .build()?,
        });
        let watched = Arc::clone(&world);
        let edge = Edge::new(listener)
            .with_limits(edge::Limits {
                // Whoever stops a mock wants it gone.
                drain_time: Duration::from_secs(2),
                ..edge::Limits::default()
            })
            .beside(admin::router(Arc::clone(&world), hosts))
            .around(move |request, client, next| watch(&watched, request, client, next));
        // With the budget of one task, many callbacks would wait behind requests.
        tokio::spawn(tokio::task::unconstrained(deliver::run(Arc::clone(&world))));
        let stop = world.stop.clone();
        let served = edge.serve(
            handlers::api(),
            Arc::clone(&world),
            stop.clone().cancelled_owned(),
        );
        Ok(Self {
            world,
            stop,
            serving: Some(tokio::spawn(served)),
        })
    }

    /// How it is reached, without a slash at the end: in the place of
    /// `https://app.qualitymax.io`.
    pub fn url(&self) -> &str {
        &self.world.url
    }

    /// In the order in which they were given; the first is the one of the
    /// published examples unless others were asked for.
    pub fn partners(&self) -> &[Partner] {
        self.world.directory.all()
    }

    /// The last requests to the API, the newest last; at most a thousand.
    pub fn requests(&self) -> Vec<Request> {
        self.world.journal.all(self.partners())
    }

    /// The callbacks of all jobs, in the order of the jobs.
    pub fn callbacks(&self) -> Vec<Callback> {
        admin::callbacks::all(&self.world)
    }

    /// Sends a job's callback once more. False where it has none yet.
    pub fn replay_callback(&self, job_id: &str) -> bool {
        admin::callbacks::replay(&self.world, job_id)
    }

    /// From now on, for requests that choose none.
    pub fn set_scenario(&self, name: &str) -> Result<(), UnknownScenario> {
        let scenario = self.world.scenarios.get(name)?;
        self.world.settings().scenario = scenario;
        self.world.changed();
        Ok(())
    }

    /// Lets time pass on the mock's clock.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
        self.world.changed();
    }

    /// Waits until no job, callback, scan or analysis is under way; false when
    /// `limit` passed before.
    pub async fn idle(&self, limit: Duration) -> bool {
        self.world.idle(limit).await
    }

    /// Forgets all that was sent.
    pub fn reset(&self) {
        self.world.reset();
    }

    /// Finishes the answers under way and ends.
    pub async fn stop(mut self) -> Result<(), edge::ServeError> {
        self.stop.cancel();
        match self.serving.take() {
            Some(serving) => serving.await.unwrap_or(Ok(())),
            None => Ok(()),
        }
    }

    /// Serves until `stop` resolves.
    pub(crate) async fn run(self, stop: impl Future<Output = ()>) -> Result<(), edge::ServeError> {
        stop.await;
        self.stop().await
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A URL by which this machine reaches a listener.
pub(crate) fn reach(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    format!("http://{address}")
}
