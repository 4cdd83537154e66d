//! A strict reader of metrics as text: Prometheus' format 0.0.4 and OpenMetrics 1.0.
//!
//! Refuses what a scraper or `promtool check metrics` would refuse or frown at.

use std::collections::{BTreeMap, BTreeSet};

use krate::metrics::Format;

/// One metric with all its series.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Family {
    /// As its `TYPE` line has it.
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) help: String,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

type Read<T> = Result<T, String>;

/// Reads a whole answer.
pub(crate) fn read(text: &str, format: Format) -> Read<Vec<Family>> {
    let body = match format {
        Format::OpenMetrics => text.strip_suffix("# EOF\n").ok_or("it does not end with # EOF")?,
        _ => text,
    };
    if !body.is_empty() && !body.ends_with('\n') {
        return Err("the last line does not end".into());
    }
    let mut families: Vec<Family> = Vec::new();
    for (number, line) in body.lines().enumerate() {
        take(&mut families, line, format).map_err(|error| format!("line {}: {error}: {line}", number + 1))?;
    }
    let mut names = BTreeSet::new();
    for family in &families {
        if !names.insert(&family.name) {
            return Err(format!("{} comes twice", family.name));
        }
        check(family, format).map_err(|error| format!("{}: {error}", family.name))?;
    }
    Ok(families)
}

fn take(families: &mut Vec<Family>, line: &str, format: Format) -> Read<()> {
    if let Some(about) = line.strip_prefix("# HELP ") {
        let (name, help) = about.split_once(' ').ok_or("there is no help")?;
        families.push(Family {
            name: metric_name(name)?,
            kind: String::new(),
            help: help.to_owned(),
            samples: Vec::new(),
        });
        return Ok(());
    }
    let family = families.last_mut().ok_or("nothing is known of it yet")?;
    if let Some(about) = line.strip_prefix("# TYPE ") {
        let (name, kind) = about.split_once(' ').ok_or("there is no type")?;
        if name != family.name || !family.kind.is_empty() || !family.samples.is_empty() {
            return Err("a type that does not follow its help".into());
        }
        let known: &[&str] = match format {
            Format::OpenMetrics => &["counter", "gauge", "histogram", "info", "unknown"],
            _ => &["counter", "gauge", "histogram", "summary", "untyped"],
        };
        if !known.contains(&kind) {
            return Err(format!("no type is called {kind}"));
        }
        family.kind = kind.to_owned();
        return Ok(());
    }
    if line.starts_with('#') {
        let unit = line
            .strip_prefix("# UNIT ")
            .filter(|_| format == Format::OpenMetrics);
        let (name, unit) = unit
            .and_then(|unit| unit.split_once(' '))
            .ok_or("a comment nobody needs")?;
        return match name == family.name && name.ends_with(&format!("_{unit}")) {
            true => Ok(()),
            false => Err("a unit that is not in the name".into()),
        };
    }
    if family.kind.is_empty() {
        return Err("a sample before its type".into());
    }
    family.samples.push(sample(line)?);
    Ok(())
}

fn sample(line: &str) -> Read<Sample> {
    let end = line.find(['{', ' ']).ok_or("there is no value")?;
    let name = metric_name(&line[..end])?;
    let (labels, rest) = match line[end..].strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), &line[end..]),
    };
    let value = rest.strip_prefix(' ').ok_or("no space before the value")?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        number if number.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
            number.parse().map_err(|_| "the value is no number")?
        }
        _ => return Err("the value is no number".into()),
    };
    Ok(Sample { name, labels, value })
}

/// Reads labels after the brace, and returns what follows the closing one.
fn labels(mut text: &str) -> Read<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        let (name, rest) = text.split_once("=\"").ok_or("a label without a value")?;
        let is_first = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
        let is_rest = |letter: char| is_first(letter) || letter.is_ascii_digit();
        if !name.starts_with(is_first) || !name.chars().all(is_rest) {
            return Err(format!("no label is called {name}"));
        }
        let (value, rest) = quoted(rest)?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err(format!("the label {name} comes twice"));
        }
        match rest.strip_prefix(',') {
            Some(rest) => text = rest,
            None => {
                let rest = rest.strip_prefix('}').ok_or("the labels do not end")?;
                return Ok((labels, rest));
            }
        }
    }
}

fn quoted(text: &str) -> Read<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                _ => return Err("an escape that means nothing".into()),
            },
            letter => value.push(letter),
        }
    }
    Err("a value that does not end".into())
}

fn metric_name(name: &str) -> Read<String> {
    let is_first = |letter: char| letter.is_ascii_alphabetic() || matches!(letter, '_' | ':');
    let is_rest = |letter: char| is_first(letter) || letter.is_ascii_digit();
    match name.starts_with(is_first) && name.chars().all(is_rest) {
        true => Ok(name.to_owned()),
        false => Err(format!("no metric is called {name:?}")),
    }
}

fn check(family: &Family, format: Format) -> Read<()> {
    let Family {
        name,
        kind,
        help,
        samples,
    } = family;
    if kind.is_empty() || help.trim().is_empty() || samples.is_empty() {
        return Err("it has no type, no help or no samples".into());
    }
    let ends_in_total = name.ends_with("_total");
    let should_end = kind == "counter" && format != Format::OpenMetrics;
    if ends_in_total != should_end {
        return Err(format!("a {kind} of that name"));
    }
    if kind != "histogram"
        && ["_bucket", "_sum", "_count"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
    {
        return Err("a name that is for parts of histograms".into());
    }
    let mut seen = BTreeSet::new();
    for sample in samples {
        if !seen.insert((&sample.name, sample.labels.iter().collect::<Vec<_>>())) {
            return Err(format!("a series comes twice: {sample:?}"));
        }
        if kind == "counter" && (sample.value.is_nan() || sample.value < 0.0) {
            return Err("a counter below zero".into());
        }
    }
    match (kind.as_str(), format) {
        ("histogram", _) => check_histogram(family),
        ("counter", Format::OpenMetrics) => named(samples, &format!("{name}_total")),
        ("info", _) => named(samples, &format!("{name}_info")),
        _ => named(samples, name),
    }
}

fn named(samples: &[Sample], name: &str) -> Read<()> {
    match samples.iter().find(|sample| sample.name != name) {
        Some(other) => Err(format!("{} does not belong here", other.name)),
        None => Ok(()),
    }
}

/// Each series has rising bounds with rising counts up to `+Inf`, and one sum and one count, together.
fn check_histogram(family: &Family) -> Read<()> {
    let without_bound = |sample: &Sample| {
        let mut labels = sample.labels.clone();
        labels.remove("le");
        labels
    };
    let mut seen = BTreeSet::new();
    for series in family
        .samples
        .chunk_by(|one, next| without_bound(one) == without_bound(next))
    {
        if !seen.insert(without_bound(&series[0])) {
            return Err("a series that comes in two places".into());
        }
        check_series(&family.name, series)?;
    }
    Ok(())
}

fn check_series(name: &str, series: &[Sample]) -> Read<()> {
    let (mut bound, mut count) = (f64::NEG_INFINITY, 0.0);
    let (mut sums, mut totals) = (0, Vec::new());
    for sample in series {
        let part = sample.name.strip_prefix(name).unwrap_or_default();
        let le = sample.labels.get("le").map(String::as_str);
        match (part, le) {
            ("_bucket", Some(le)) => {
                let le = match le {
                    "+Inf" => f64::INFINITY,
                    le => le.parse().map_err(|_| "a bound that is no number")?,
                };
                if le <= bound || sample.value < count {
                    return Err(format!("a bucket out of order: {sample:?}"));
                }
                (bound, count) = (le, sample.value);
            }
            ("_sum", None) => sums += 1,
            ("_count", None) => totals.push(sample.value),
            _ => return Err(format!("{sample:?} does not belong here")),
        }
    }
    match (sums, totals.as_slice()) {
        (1, [total]) if bound.is_infinite() && (total - count).abs() < f64::EPSILON => Ok(()),
        (1, [_]) => Err("the last bucket does not hold everything".into()),
        _ => Err("a histogram without one sum and one count".into()),
    }
}

#[test]
fn good_texts_are_read() {
    let text =
        "# HELP a_total Things.\n# TYPE a_total counter\na_total{b=\"c\\\"\\n\\\\ d\"} 1\na_total 2.5e3\n";
    let families = read(text, Format::Text).unwrap();
    assert_eq!(families[0].samples[0].labels["b"], "c\"\n\\ d");
    assert_eq!(families[0].samples[1].value, 2500.0);
    let open = "# HELP a Things.\n# TYPE a counter\na_total 1\n# EOF\n";
    assert_eq!(read(open, Format::OpenMetrics).unwrap()[0].samples[0].value, 1.0);
}

#[test]
fn bad_texts_are_refused() {
    let head = "# HELP a Things.\n# TYPE a gauge\n";
    let bad = |text: &str| assert!(read(text, Format::Text).is_err(), "{text}");
    for line in [
        "a",
        "a one",
        "a  1",
        "a 1 # comment",
        "a +1",
        "b 1",
        "a{} 1",
        "a{b=\"c\"",
        "a{b=\"c\",} 1",
        "a{1=\"c\"} 1",
        "a{b=\"\\x\"} 1",
        "a{b=\"c\",b=\"d\"} 1",
        "a 1\na 2",
        "# TYPE a gauge",
        "# EOF",
        "",
    ] {
        bad(&format!("{head}{line}\n"));
    }
    bad("a 1\n");
    bad("# HELP a Things.\na 1\n");
    bad("# TYPE a gauge\na 1\n");
    bad("# HELP a Things.\n# TYPE a thing\na 1\n");
    bad("# HELP a Things.\n# TYPE a gauge\na 1");
    bad("# HELP a Things.\n# TYPE a counter\na 1\n");
    bad("# HELP a_total Things.\n# TYPE a_total gauge\na_total 1\n");
    bad("# HELP a_total Things.\n# TYPE a_total counter\na_total -1\n");
    bad("# HELP a_count Things.\n# TYPE a_count gauge\na_count 1\n");
    bad(&format!(
        "{head}a 1\n# HELP b Things.\n# TYPE b gauge\nb 1\n{head}a{{c=\"d\"}} 1\n"
    ));
    let histogram = |lines: &str| format!("# HELP h Things.\n# TYPE h histogram\n{lines}");
    assert!(
        read(
            &histogram("h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"),
            Format::Text
        )
        .is_ok()
    );
    bad(&histogram("h_bucket{le=\"1\"} 1\nh_sum 3\nh_count 1\n"));
    bad(&histogram(
        "h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n",
    ));
    bad(&histogram(
        "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 3\nh_count 1\n",
    ));
    bad(&histogram("h_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 1\n"));
    bad(&histogram("h_bucket{le=\"+Inf\"} 2\nh_count 2\n"));
    bad(&histogram(
        "h_bucket{le=\"+Inf\"} 2\nh_count 2\nh_sum 3\nh_sum 3\n",
    ));
    bad(&histogram("h_bucket 2\nh_count 2\nh_sum 3\n"));
    let open = |text: &str| assert!(read(text, Format::OpenMetrics).is_err(), "{text}");
    open("# HELP a Things.\n# TYPE a counter\na_total 1\n");
    open("# HELP a Things.\n# TYPE a counter\na 1\n# EOF\n");
    open("# HELP a_total Things.\n# TYPE a_total counter\na_total 1\n# EOF\n");
    open("# HELP a Things.\n# TYPE a untyped\na 1\n# EOF\n");
    open("# HELP a Things.\n# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n");
    open("# HELP a Things.\n# TYPE a gauge\na 1\n# EOF\n\n");
}
