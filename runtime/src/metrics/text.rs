//! Metrics as text: which of the two formats is asked for, and each family once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Prometheus' text format, version 0.0.4: what everything understands.
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// Returns the format an `Accept` header asks for; the text format if it does not say.
    ///
    /// ```
    /// use krate::metrics::Format;
    ///
    /// let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
    /// assert_eq!(Format::accepted(Some(prometheus)), Format::OpenMetrics);
    /// assert_eq!(Format::accepted(Some("text/html,*/*;q=0.8")), Format::Text);
    /// assert_eq!(Format::accepted(None), Format::Text);
    /// ```
    #[must_use]
    pub fn accepted(accept: Option<&str>) -> Self {
        let (mut text, mut open) = (0.0_f32, 0.0_f32);
        for range in accept.unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            let mut version = None;
            let mut quality = 1.0;
            for (name, value) in parts.filter_map(|part| part.split_once('=')) {
                match name.trim() {
                    "q" => quality = value.trim().parse().unwrap_or(0.0),
                    "version" => version = Some(value.trim().trim_matches('"')),
                    _ => {}
                }
            }
            let best = match kind {
                "application/openmetrics-text" if matches!(version, None | Some("1.0.0" | "0.0.1")) => {
                    &mut open
                }
                "text/plain" | "text/*" | "*/*" => &mut text,
                _ => continue,
            };
            *best = best.max(quality);
        }
        if open > text {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// Returns the content type of an answer.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Writes registries as one text; what an earlier one has, a later one does not repeat.
pub(super) fn write<'a>(registries: impl IntoIterator<Item = &'a Registry>, format: Format) -> String {
    let mut all = String::new();
    for registry in registries {
        let written = match format {
            Format::Text => prometheus_text::encode(&mut all, registry),
            Format::OpenMetrics => text::encode_registry(&mut all, registry),
        };
        // Writing to a string cannot fail, but a metric of the user's can: what it wrote so far is no line.
        if written.is_err() && !all.ends_with('\n') {
            all.truncate(all.rfind('\n').map_or(0, |end| end + 1));
        }
    }
    let mut once = merged(&all);
    if format == Format::OpenMetrics {
        once.push_str("# EOF\n");
    }
    once
}

/// The lines of one family.
#[derive(Default)]
struct Family<'a> {
    about: Vec<&'a str>,
    samples: Vec<&'a str>,
    seen: BTreeSet<&'a str>,
}

/// Joins families of one name and drops series that were there before; a family without samples is left out.
///
/// A registry takes the same name twice without a word, and a scraper refuses the whole answer then.
fn merged(text: &str) -> String {
    let mut order: Vec<&str> = Vec::new();
    let mut families: BTreeMap<&str, Family<'_>> = BTreeMap::new();
    let mut current = "";
    let mut is_new = true;
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(about) = line.strip_prefix("# HELP ") {
            current = about.split(' ').next().unwrap_or_default();
            is_new = !families.contains_key(current);
            if is_new {
                order.push(current);
            }
        }
        let family = families.entry(current).or_default();
        if line.starts_with('#') {
            if is_new {
                family.about.push(line);
            }
        } else if family.seen.insert(series(line)) {
            family.samples.push(line);
        }
    }
    let mut once = String::with_capacity(text.len());
    for family in order.iter().filter_map(|name| families.get(name)) {
        if family.samples.is_empty() {
            continue;
        }
        for line in family.about.iter().chain(&family.samples) {
            // Writing to a string cannot fail.
            let _ = writeln!(once, "{line}");
        }
    }
    once
}

/// The name and labels of a sample: all but its value and what follows.
fn series(line: &str) -> &str {
    let mut quoted = false;
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ' ' if !quoted => return &line[..at],
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::metrics::family::Family as Labelled;
    use prometheus_client::metrics::gauge::Gauge;

    use super::*;

    #[test]
    fn the_format_is_what_the_client_likes_best() {
        let check = |accept: &str, expected| assert_eq!(Format::accepted(Some(accept)), expected, "{accept}");
        check("", Format::Text);
        check("*/*", Format::Text);
        check("text/plain; version=0.0.4; charset=utf-8", Format::Text);
        check("application/openmetrics-text", Format::OpenMetrics);
        check(
            "application/openmetrics-text; version=\"1.0.0\"",
            Format::OpenMetrics,
        );
        check(
            "application/openmetrics-text; version=2.0.0, text/plain;q=0.1",
            Format::Text,
        );
        check(
            "application/openmetrics-text;q=0.2,text/plain;q=0.9",
            Format::Text,
        );
        check("application/openmetrics-text;q=0", Format::Text);
        check("application/openmetrics-text;q=x", Format::Text);
        check(
            "application/vnd.google.protobuf;q=0.7, application/openmetrics-text;q=0.6",
            Format::OpenMetrics,
        );
    }

    #[test]
    fn a_name_registered_twice_is_one_family_with_each_series_once() {
        let (mut one, mut other) = (Registry::default(), Registry::default());
        let first: Labelled<[(&str, &str); 1], Counter> = Labelled::default();
        first.get_or_create(&[("of", "a b")]).inc();
        let second = first.clone();
        one.register("things", "Things", first);
        let third: Labelled<[(&str, &str); 1], Counter> = Labelled::default();
        third.get_or_create(&[("of", "a b")]).inc_by(7);
        third.get_or_create(&[("of", "c\"}")]).inc_by(2);
        other.register("things", "Other things", third);
        other.register("things", "Things", second);
        other.register("size", "Size", Gauge::<i64>::default());
        let text = write([&one, &other], Format::Text);
        assert_eq!(
            text,
            "# HELP things_total Things.\n# TYPE things_total counter\nthings_total{of=\"a b\"} 1\n\
             things_total{of=\"c\\\"}\"} 2\n# HELP size Size.\n# TYPE size gauge\nsize 0\n"
        );
        let open = write([&one, &other], Format::OpenMetrics);
        assert!(open.starts_with("# HELP things Things.\n# TYPE things counter\nthings_total{"));
        assert!(open.ends_with("size 0\n# EOF\n"), "{open}");
    }
}
