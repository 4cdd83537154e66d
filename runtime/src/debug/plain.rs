//! What `/debug` shows, for people.

use std::fmt::Write;

use super::view::{ControllerView, InformerView};

/// Writes controllers, one after the other.
pub(super) fn controllers(views: &[ControllerView]) -> String {
    let mut text = String::new();
    for view in views {
        // Writing to a string cannot fail, here and below.
        let _ = write_controller(&mut text, view);
    }
    if views.is_empty() {
        text.push_str("no controller of that name\n");
    }
    text
}

fn write_controller(text: &mut String, view: &ControllerView) -> std::fmt::Result {
    writeln!(text, "{} ({} at once)", view.controller, view.workers)?;
    writeln!(text, "  running: {}", view.running.len())?;
    for run in &view.running {
        let cause = run.cause.as_deref().unwrap_or("-");
        writeln!(text, "    {} for {:.3}s, cause {cause}", run.object, run.seconds)?;
    }
    writeln!(text, "  queued: {}", view.queued.len() + view.omitted)?;
    for queued in &view.queued {
        let time = match queued.state {
            "ready" => format!("for {:.3}s", queued.seconds),
            _ => format!("{:.3}s more", queued.seconds),
        };
        writeln!(
            text,
            "    {} {} {time}, level {}, cause {}, failures {}",
            queued.object, queued.state, queued.level, queued.cause, queued.failures
        )?;
    }
    if view.omitted > 0 {
        writeln!(text, "    … and {} more", view.omitted)?;
    }
    writeln!(text, "  last runs: {}", view.recent.len())?;
    for recent in &view.recent {
        let detail = recent.detail.as_deref().map(|detail| format!(": {detail}"));
        writeln!(
            text,
            "    {} {}{} at {} after {:.3}s, cause {}, attempt {}, id {}",
            recent.object,
            recent.result,
            detail.unwrap_or_default(),
            recent.at,
            recent.seconds,
            recent.cause,
            recent.attempt,
            recent.reconcile_id
        )?;
    }
    Ok(())
}

/// Writes informers, one per line.
pub(super) fn informers(views: &[InformerView]) -> String {
    let mut text = String::new();
    for view in views {
        let _ = write_informer(&mut text, view);
    }
    text
}

fn write_informer(text: &mut String, view: &InformerView) -> std::fmt::Result {
    let group = match view.group.as_str() {
        "" => String::new(),
        group => format!(".{group}"),
    };
    write!(text, "{}{group}", view.kind)?;
    let facts = [
        ("namespace", &view.namespace),
        ("labels", &view.labels),
        ("fields", &view.fields),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            write!(text, " {name} {value}")?;
        }
    }
    let synced = if view.synced { "" } else { ", not synced" };
    write!(text, ": {}{synced}, {} objects", view.phase, view.objects)?;
    if view.undecodable > 0 {
        write!(text, ", {} undecodable", view.undecodable)?;
    }
    if let Some(lag) = view.lag_seconds {
        write!(text, ", heard of {lag:.1}s ago")?;
    }
    match &view.error {
        Some(error) => writeln!(text, ": {error}"),
        None => writeln!(text),
    }
}
