//! What requests to the API server show.

use prometheus_client::metrics::MetricType;

use super::super::Meters;
use super::super::meter::Route;
use super::{Labels, Snapshot, Value, alone};
use crate::client::LimitReport;

pub(super) fn requests(snapshot: &mut Snapshot, meters: &Meters) {
    let by_route = |route: &Route| vec![("verb", route.verb.clone()), ("host", route.host.clone())];
    meters.client().read(|requests| {
        let counted = requests.codes.iter().map(|((code, route), count)| {
            let labels = vec![
                ("code", code.clone()),
                ("method", route.verb.clone()),
                ("host", route.host.clone()),
            ];
            (labels, *count)
        });
        snapshot.counters("rest_client_requests", "Requests to the API server", counted);
        let routes = || requests.routes.iter();
        snapshot.histograms(
            "rest_client_request_duration_seconds",
            "How long the API server took to begin its answer",
            routes().map(|(route, sizes)| (by_route(route), sizes.duration.clone())),
        );
        snapshot.histograms(
            "rest_client_request_size_bytes",
            "How large requests to the API server were",
            routes().map(|(route, sizes)| (by_route(route), sizes.request.clone())),
        );
        snapshot.histograms(
            "rest_client_response_size_bytes",
            "How large answers of the API server were, where they said so",
            routes().map(|(route, sizes)| (by_route(route), sizes.response.clone())),
        );
        snapshot.histograms(
            "rest_client_rate_limiter_duration_seconds",
            "How long requests were held back by the operator's own limit",
            routes().map(|(route, sizes)| (by_route(route), sizes.limiter.clone())),
        );
    });
}

pub(super) fn limit(snapshot: &mut Snapshot, report: LimitReport) {
    snapshot.counters(
        "krate_client_limit_delayed_requests",
        "Requests to the API server that waited for the operator's own limit",
        alone(report.delayed),
    );
    let waited = Value::Counter(report.waited.as_secs_f64());
    snapshot.add(
        "krate_client_limit_waited_seconds",
        "How long requests waited for the operator's own limit, all together",
        MetricType::Counter,
        std::iter::once((Labels::new(), waited)),
    );
    snapshot.gauges(
        "krate_client_limit_waiting_requests",
        "Requests that wait for the operator's own limit",
        alone(report.waiting as f64),
    );
}
