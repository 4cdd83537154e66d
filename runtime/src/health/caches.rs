//! A line per informer.

use super::report::{Line, Outcome};
use crate::cache::{InformerReport, Report};

/// Says of every informer how it is doing; `needed` if readiness waits for the first complete list.
pub(super) fn lines(reports: &[Report], needed: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (report, informer) in reports
        .iter()
        .flat_map(|report| report.informers.iter().map(move |informer| (report, informer)))
    {
        let line = Line {
            name: name(report, informer),
            outcome: outcome(informer, needed),
        };
        lines.push(line);
    }
    lines
}

/// Names an informer by kind and group, and by what it looks at if that is not everything.
fn name(report: &Report, informer: &InformerReport) -> String {
    let mut name = format!("cache/{}", report.kind);
    if !report.group.is_empty() {
        name.push('.');
        name.push_str(&report.group);
    }
    let selection = [
        &informer.namespace,
        &report.selection.labels,
        &report.selection.fields,
    ];
    for part in selection.into_iter().flatten() {
        name.push('/');
        name.push_str(part);
    }
    name
}

fn outcome(informer: &InformerReport, needed: bool) -> Outcome {
    let phase = informer.status.phase.name();
    let state = match &informer.status.error {
        Some(error) => format!("{phase}: {error}"),
        None => phase.to_owned(),
    };
    match needed && !informer.status.synced {
        true => Outcome::Failed { reason: state },
        false => Outcome::Ok { note: Some(state) },
    }
}
