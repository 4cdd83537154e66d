//! Jobs and cron jobs.

use serde_json::{Value, json};

use super::edit::{self, Fields, ensure, put, text_at};
use super::hooks::{Hooks, NONE};
use super::rule::Rules;
use super::{pod, pod_rules, selector};
use crate::object::Meta as _;
use crate::status::FieldError;

pub(super) const JOB: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        pod::default_template(spec);
        put(spec, "backoffLimit", 6);
        put(spec, "completionMode", "NonIndexed");
        put(spec, "manualSelector", false);
        put(spec, "suspend", false);
        put(spec, "podReplacementPolicy", replacement(spec));
        if edit::is_unset(spec.get("completions")) && edit::is_unset(spec.get("parallelism")) {
            put(spec, "completions", 1);
        }
        put(spec, "parallelism", 1);
    },
    prepare_create: |value| {
        if value["spec"]["manualSelector"] != true {
            generate_selector(value);
        }
    },
    validate: |rules, value| {
        validate_spec(rules, "spec", &value["spec"]);
        generated(rules, value);
    },
    validate_update: |rules, new, old| {
        rules.immutable(new, old, "/spec/completionMode");
        rules.immutable(new, old, "/spec/selector");
        if new["spec"]["suspend"] != true && old["spec"]["suspend"] != true {
            rules.immutable(new, old, "/spec/template");
        }
    },
    ..NONE
};

pub(super) const CRON_JOB: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "concurrencyPolicy", "Allow");
        put(spec, "suspend", false);
        put(spec, "successfulJobsHistoryLimit", 3);
        put(spec, "failedJobsHistoryLimit", 1);
        pod::default_template(ensure(ensure(spec, "jobTemplate"), "spec"));
    },
    validate: |rules, value| {
        schedule(rules, text_at(value, "/spec/schedule"));
        for field in [
            "startingDeadlineSeconds",
            "successfulJobsHistoryLimit",
            "failedJobsHistoryLimit",
        ] {
            rules.not_negative(value, &format!("/spec/{field}"));
        }
        let policy = text_at(value, "/spec/concurrencyPolicy");
        rules.one_of("spec.concurrencyPolicy", policy, &["Allow", "Forbid", "Replace"]);
        validate_spec(
            rules,
            "spec.jobTemplate.spec",
            &value["spec"]["jobTemplate"]["spec"],
        );
        if value.name().len() > 52 {
            rules.invalid(
                "metadata.name",
                &json!(value.name()),
                "must be no more than 52 characters",
            );
        }
    },
    ..NONE
};

fn replacement(spec: &Fields) -> &'static str {
    if spec.get("podFailurePolicy").is_some_and(Value::is_object) {
        "Failed"
    } else {
        "TerminatingOrFailed"
    }
}

/// The pods of a job carry its uid, and its selector asks for that.
fn generate_selector(job: &mut Value) {
    let (uid, name) = (job.uid().to_owned(), job.name().to_owned());
    let labels = [
        ("batch.kubernetes.io/controller-uid", &uid),
        ("batch.kubernetes.io/job-name", &name),
        ("controller-uid", &uid),
        ("job-name", &name),
    ];
    let own = ensure(edit::metadata(job), "labels");
    for (key, value) in labels {
        own.insert(key.to_owned(), json!(value));
    }
    let spec = ensure(edit::map(job), "spec");
    let template = ensure(ensure(ensure(spec, "template"), "metadata"), "labels");
    for (key, value) in labels {
        template.insert(key.to_owned(), json!(value));
    }
    let selector = ensure(ensure(spec, "selector"), "matchLabels");
    selector.insert("batch.kubernetes.io/controller-uid".to_owned(), json!(uid));
}

fn generated(rules: &mut Rules, job: &Value) {
    let spec = &job["spec"];
    let chosen = spec["selector"]["matchLabels"]
        .as_object()
        .map_or(0, serde_json::Map::len);
    if spec["manualSelector"] != true && chosen > 1 {
        rules.invalid(
            "spec.selector",
            &spec["selector"],
            "`selector` not auto-generated",
        );
    }
    let labels = spec.pointer("/template/metadata/labels").unwrap_or(&Value::Null);
    if !selector::matches(&spec["selector"], labels) {
        rules.invalid(
            "spec.template.metadata.labels",
            labels,
            "`selector` does not match template `labels`",
        );
    }
}

fn validate_spec(rules: &mut Rules, field: &str, spec: &Value) {
    for number in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
    ] {
        if spec[number].as_i64().is_some_and(|number| number < 0) {
            rules.invalid(
                format!("{field}.{number}"),
                &spec[number],
                "must be greater than or equal to 0",
            );
        }
    }
    if spec["completionMode"] == "Indexed" && spec["completions"].is_null() {
        let detail = "when completion mode is Indexed";
        rules.required(format!("{field}.completions"), detail);
    }
    pod_rules::validate_template(rules, &format!("{field}.template"), &spec["template"]);
    if text_at(spec, "/template/spec/restartPolicy") == "Always" {
        let field = format!("{field}.template.spec.restartPolicy");
        let detail = "Required value: valid values: \"OnFailure\", \"Never\"";
        rules.push(FieldError::new("FieldValueRequired", field, detail));
    }
}

fn schedule(rules: &mut Rules, text: &str) {
    const NAMED: [&str; 7] = [
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@midnight",
        "@hourly",
    ];
    if text.is_empty() {
        return rules.required("spec.schedule", "");
    }
    if NAMED.contains(&text) || text.starts_with("@every ") {
        return;
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        let detail = format!(
            "expected exactly 5 fields, found {}: [{}]",
            fields.len(),
            fields.join(" ")
        );
        return rules.invalid("spec.schedule", &json!(text), &detail);
    }
    let ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
    if let Some(bad) = fields
        .iter()
        .zip(ranges)
        .find(|(field, range)| !is_cron_field(field, *range))
    {
        rules.invalid(
            "spec.schedule",
            &json!(text),
            &format!("failed to parse int from {}", bad.0),
        );
    }
}

/// One of the five fields: numbers, names, ranges, lists and steps.
fn is_cron_field(field: &str, (least, most): (u32, u32)) -> bool {
    let value = |text: &str| {
        let named = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
        named
            || text
                .parse::<u32>()
                .is_ok_and(|number| (least..=most).contains(&number))
    };
    field.split(',').all(|part| {
        let (range, step) = part
            .split_once('/')
            .map_or((part, None), |(range, step)| (range, Some(step)));
        let stepped = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        let ranged = matches!(range, "*" | "?") || range.split('-').all(value);
        stepped && ranged && range.split('-').count() <= 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_has_five_fields_or_a_name() {
        for (text, good) in [
            ("* * * * *", true),
            ("*/5 0-6 1,15 * MON", true),
            ("@daily", true),
            ("x", false),
            ("60 * * * *", false),
            ("*/0 * * * *", false),
        ] {
            let mut rules = Rules::default();
            schedule(&mut rules, text);
            assert_eq!(rules.into_errors().is_empty(), good, "{text}");
        }
    }
}
