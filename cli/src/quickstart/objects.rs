//! The objects of a story as a table: what they are, who controls them, how they fare.

use serde_json::{Value, json};

/// A table of objects for people, with its twin for programs.
pub(super) struct Table {
    rows: Vec<[String; 4]>,
}

const HEAD: [&str; 4] = ["KIND", "NAME", "CONTROLLED BY", "STATE"];

impl Table {
    pub(super) fn of(objects: &[Value]) -> Self {
        Self {
            rows: objects.iter().map(row).collect(),
        }
    }

    pub(super) fn text(&self) -> String {
        let head = HEAD.map(str::to_owned);
        let lines: Vec<&[String; 4]> = std::iter::once(&head).chain(&self.rows).collect();
        let width = |column: usize| {
            lines
                .iter()
                .map(|line| line[column].chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths = [width(0), width(1), width(2)];
        let mut text = String::new();
        for [kind, name, owner, state] in lines {
            let [w0, w1, w2] = widths;
            text.push_str(format!("{kind:w0$}  {name:w1$}  {owner:w2$}  {state}").trim_end());
            text.push('\n');
        }
        text
    }

    pub(super) fn twin(&self) -> Value {
        let object = |[kind, name, owner, state]: &[String; 4]| json!({"kind": kind, "name": name, "controlledBy": owner, "state": state});
        json!({"reason": "objects", "objects": self.rows.iter().map(object).collect::<Vec<_>>()})
    }
}

fn row(object: &Value) -> [String; 4] {
    let text = |pointer: &str| {
        object
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let owner = controller(object).map(|owner| {
        format!(
            "{}/{}",
            owner["kind"].as_str().unwrap_or_default(),
            owner["name"].as_str().unwrap_or_default()
        )
    });
    [
        text("/kind"),
        text("/metadata/name"),
        owner.unwrap_or_default(),
        state(object),
    ]
}

/// Returns the owner reference of the controller, if there is one.
pub(super) fn controller(object: &Value) -> Option<&Value> {
    let owners = object
        .pointer("/metadata/ownerReferences")
        .and_then(Value::as_array)?;
    owners.iter().find(|owner| owner["controller"] == true)
}

/// Returns the status of a condition of the object.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array)?;
    conditions.iter().find(|condition| condition["type"] == kind)
}

fn state(object: &Value) -> String {
    if let Some(available) = condition(object, "Available") {
        let replicas = ready_of_wanted(object);
        return format!(
            "Available={}{replicas}",
            available["status"].as_str().unwrap_or("?")
        );
    }
    match object["kind"].as_str().unwrap_or_default() {
        "Service" => object
            .pointer("/spec/clusterIP")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        "Pod" => object
            .pointer("/status/phase")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        _ => ready_of_wanted(object).trim_start().to_owned(),
    }
}

fn ready_of_wanted(object: &Value) -> String {
    let number = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64);
    match number("/spec/replicas") {
        Some(wanted) => format!(
            " {}/{wanted} ready",
            number("/status/readyReplicas").unwrap_or_default()
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_controllers_and_states() {
        let objects = [
            json!({"kind": "Deployment", "metadata": {"name": "m", "ownerReferences": [{"kind": "Memcached", "name": "m", "controller": true}]},
                "spec": {"replicas": 2}, "status": {"readyReplicas": 2, "conditions": [{"type": "Available", "status": "True"}]}}),
            json!({"kind": "Service", "metadata": {"name": "long-name"}, "spec": {"clusterIP": "10.0.0.7"}}),
            json!({"kind": "ReplicaSet", "metadata": {"name": "m-1"}, "spec": {"replicas": 2}}),
        ];
        let expected = "\
KIND        NAME       CONTROLLED BY  STATE
Deployment  m          Memcached/m    Available=True 2/2 ready
Service     long-name                 10.0.0.7
ReplicaSet  m-1                       0/2 ready
";
        assert_eq!(Table::of(&objects).text(), expected);
    }
}
