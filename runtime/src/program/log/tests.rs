//! Lines as they come out.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing::{debug, info, info_span, warn};

use super::*;

/// A writer that keeps what is written.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns what a program writes.
fn written(format: LogFormat, level: &str, program: impl FnOnce()) -> String {
    let paper = Paper::default();
    let writer = paper.clone();
    let arguments = LogArguments {
        format,
        level: level.to_owned(),
    };
    let lines = lines(&arguments, move || writer.clone(), false).unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), program);
    let bytes = paper.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// A line in a span with the fields a reconcile has.
fn reconcile() {
    let span = info_span!(
        "reconcile",
        controller = "memcached",
        namespace = Some("shop"),
        name = "cart",
        reconcile_id = "id-1",
        attempt = 2_u32,
        cause = %"changed@7",
    );
    let _entered = span.enter();
    warn!(replicas = 3, ready = false, "failed to reconcile: no \"quorum\"");
}

const FACTS: [(&str, &str); 6] = [
    ("controller", "\"memcached\""),
    ("namespace", "\"shop\""),
    ("name", "\"cart\""),
    ("reconcile_id", "\"id-1\""),
    ("attempt", "2"),
    ("cause", "\"changed@7\""),
];

#[test]
fn a_line_of_json_has_the_fields_of_the_event_and_of_its_spans() {
    let text = written(LogFormat::Json, "info", reconcile);
    let line: Value = serde_json::from_str(&text).unwrap();
    for (name, value) in FACTS {
        assert_eq!(line[name].to_string(), value, "{name} in {text}");
    }
    assert_eq!(line["message"], "failed to reconcile: no \"quorum\"");
    assert_eq!(
        (line["level"].as_str(), &line["replicas"]),
        (Some("WARN"), &3.into())
    );
    assert_eq!(line["ready"], false);
    assert!(
        line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')),
        "{text}"
    );
}

#[test]
fn a_line_for_people_has_them_too() {
    let text = written(LogFormat::Human, "info", reconcile);
    for (name, value) in FACTS {
        let plain = format!("{name}={}", value.trim_matches('"'));
        let quoted = format!("{name}={value}");
        assert!(
            text.contains(&plain) || text.contains(&quoted),
            "{name} in {text}"
        );
    }
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn the_inner_field_is_shown_where_names_meet() {
    let text = written(LogFormat::Json, "info", || {
        let outer = info_span!("outer", name = "outer", kept = 1);
        let _outer = outer.enter();
        let inner = info_span!("inner", name = "inner");
        let _inner = inner.enter();
        info!("one");
        info!(name = "own", "two");
    });
    let names: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| serde_json::json!([line["name"], line["kept"]]))
        .collect();
    assert_eq!(
        names,
        [serde_json::json!(["inner", 1]), serde_json::json!(["own", 1])]
    );
}

#[test]
fn the_level_is_a_filter_of_tracing() {
    let talk = || {
        debug!(target: "krate::cache", "from the cache");
        debug!(target: "krate::queue", "from the queue");
        info!(target: "other", "from elsewhere");
    };
    let check = |level: &str, expected: &[&str]| {
        let text = written(LogFormat::Json, level, talk);
        let messages: Vec<String> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter_map(|line| line["message"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(messages, expected, "{level}");
    };
    check("info", &["from elsewhere"]);
    check("off", &[]);
    check("", &[]);
    check("warn, krate::queue=debug,", &["from the queue"]);
    check("warn,krate::cache=debug", &["from the cache"]);
    check("debug", &["from the cache", "from the queue", "from elsewhere"]);
}

#[test]
fn a_filter_that_cannot_be_read_is_refused_with_what_to_write() {
    let check = |level: &str, why: &str| {
        let error = filter(level).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("`{level}` is no log level: ")),
            "{error}"
        );
        assert!(error.contains(why) && error.contains("help: write"), "{error}");
    };
    check("info,krate=loud", "level");
    check("info,[reconcile{name=cart}]=debug", "spans");
}
