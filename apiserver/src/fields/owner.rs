//! The owners of an object: `metadata.managedFields`, read and written.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::set::Set;

/// At most so many update entries are kept apart; the oldest of more become one.
const MAX_UPDATERS: usize = 10;

/// The manager older update entries are merged under.
const ANCIENT: &str = "ancient-changes";

/// How a manager came to own fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    Apply,
    Update,
}

/// Who owns fields. An applier is the same in every version, an updater is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manager {
    pub(super) name: String,
    pub(super) operation: Operation,
    /// Empty for an applier.
    pub(super) api_version: String,
    pub(super) subresource: String,
}

/// What a manager owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holding {
    /// The version of the object the paths are of.
    pub(super) api_version: String,
    pub(super) fields: Set,
    /// When the fields were last added to.
    pub(super) time: Option<String>,
}

/// All managers of one object.
pub(super) type Owners = BTreeMap<Manager, Holding>;

impl Manager {
    pub(super) fn new(name: &str, operation: Operation, api_version: &str, subresource: &str) -> Self {
        let api_version = match operation {
            Operation::Apply => "",
            Operation::Update => api_version,
        };
        Self {
            name: if name.is_empty() { "unknown" } else { name }.to_owned(),
            operation,
            api_version: api_version.to_owned(),
            subresource: subresource.to_owned(),
        }
    }

    /// The text managers are ordered by: what identifies an entry, as JSON.
    fn identity(&self) -> String {
        let parts = [
            ("manager", self.name.as_str()),
            ("operation", self.operation.as_str()),
            ("apiVersion", self.api_version.as_str()),
            ("subresource", self.subresource.as_str()),
        ];
        let present = parts.into_iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<String> = present
            .map(|(key, value)| format!("\"{key}\":{}", json!(value)))
            .collect();
        format!("{{{}}}", parts.join(","))
    }
}

impl Ord for Manager {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl PartialOrd for Manager {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Operation {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// Reads the entries of an object, none if it has none.
///
/// # Errors
///
/// An entry is not well formed.
pub(super) fn decode(entries: Option<&Value>) -> Result<Owners, String> {
    let entries = match entries {
        None | Some(Value::Null) => return Ok(Owners::new()),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err("managedFields must be a list".to_owned()),
    };
    entries
        .iter()
        .enumerate()
        .map(|(index, entry)| decode_entry(index, entry))
        .collect()
}

fn decode_entry(index: usize, entry: &Value) -> Result<(Manager, Holding), String> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let operation = match text("operation") {
        "Apply" => Operation::Apply,
        "Update" => Operation::Update,
        _ => return Err("operation must be `Apply` or `Update`".to_owned()),
    };
    let api_version = text("apiVersion");
    if api_version.is_empty() {
        return Err("apiVersion must not be empty".to_owned());
    }
    match text("fieldsType") {
        "FieldsV1" => {}
        "" => return Err(format!("missing fieldsType in managed fields entry {index}")),
        other => {
            return Err(format!(
                "invalid fieldsType {other:?} in managed fields entry {index}"
            ));
        }
    }
    let mut manager = Manager::new(text("manager"), operation, api_version, text("subresource"));
    text("manager").clone_into(&mut manager.name);
    let holding = Holding {
        api_version: api_version.to_owned(),
        fields: Set::decode(entry.get("fieldsV1").unwrap_or(&Value::Null))?,
        time: entry.get("time").and_then(Value::as_str).map(str::to_owned),
    };
    Ok((manager, holding))
}

/// Writes the owners as entries, sorted as the server sorts them; `None` if there are none.
pub(super) fn encode(owners: &Owners) -> Option<Value> {
    let mut sorted: Vec<_> = owners.iter().collect();
    sorted.sort_by(|left, right| order(*left, *right));
    let entries: Vec<Value> = sorted
        .into_iter()
        .map(|(manager, holding)| encode_entry(manager, holding))
        .collect();
    (!entries.is_empty()).then_some(Value::Array(entries))
}

fn order(left: (&Manager, &Holding), right: (&Manager, &Holding)) -> Ordering {
    let key = |(manager, holding): (&Manager, &Holding)| (manager.operation, seconds(holding));
    let rest = |(manager, holding): (&Manager, &Holding)| {
        [&manager.name, &holding.api_version, &manager.subresource].map(String::clone)
    };
    key(left)
        .cmp(&key(right))
        .then_with(|| rest(left).cmp(&rest(right)))
}

fn encode_entry(manager: &Manager, holding: &Holding) -> Value {
    let mut entry = Map::new();
    let mut put = |key: &str, text: &str| {
        if !text.is_empty() {
            entry.insert(key.to_owned(), json!(text));
        }
    };
    put("manager", &manager.name);
    put("operation", manager.operation.as_str());
    put("apiVersion", &holding.api_version);
    put("time", holding.time.as_deref().unwrap_or_default());
    put("fieldsType", "FieldsV1");
    put("subresource", &manager.subresource);
    entry.insert("fieldsV1".to_owned(), holding.fields.encode());
    Value::Object(entry)
}

/// Time in seconds; an entry without one counts as of 1970.
fn seconds(holding: &Holding) -> i64 {
    let time = holding
        .time
        .as_deref()
        .and_then(|time| time.parse::<Timestamp>().ok());
    time.map_or(0, Timestamp::as_second)
}

/// Merges the oldest update entries of each version until there are few enough.
pub(super) fn cap_updaters(owners: &mut Owners) {
    let updaters = owners
        .iter()
        .filter(|(manager, _)| manager.operation == Operation::Update);
    let mut oldest: Vec<_> = updaters
        .map(|(manager, holding)| (seconds(holding), manager.clone()))
        .collect();
    oldest.sort();
    let mut excess = oldest.len().saturating_sub(MAX_UPDATERS);
    let mut firsts: BTreeMap<String, Manager> = BTreeMap::new();
    for (_, manager) in oldest {
        if excess == 0 {
            return;
        }
        let version = manager.api_version.clone();
        // The first of a version stays as it is until there is a second to merge it with.
        match firsts.get(&version) {
            None => drop(firsts.insert(version, manager)),
            Some(first) => {
                merge_into_ancient(owners, first, &manager);
                excess -= 1;
            }
        }
    }
}

fn merge_into_ancient(owners: &mut Owners, first: &Manager, next: &Manager) {
    let ancient = Manager::new(ANCIENT, Operation::Update, &next.api_version, "");
    if !owners.contains_key(&ancient)
        && let Some(holding) = owners.remove(first)
    {
        owners.insert(ancient.clone(), holding);
    }
    let Some(next) = owners.remove(next) else { return };
    if let Some(bucket) = owners.get_mut(&ancient) {
        bucket.fields = std::mem::take(&mut bucket.fields).union(&next.fields);
        bucket.time = next.time;
    } else {
        owners.insert(ancient, next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &str, operation: &str, time: &str, fields: &Value) -> Value {
        json!({
            "manager": manager, "operation": operation, "apiVersion": "v1", "time": time,
            "fieldsType": "FieldsV1", "fieldsV1": fields,
        })
    }

    #[test]
    fn entries_are_sorted_by_operation_then_time_then_manager() {
        let fields = json!({"f:a": {}});
        let of = |manager, operation, time| entry(manager, operation, time, &fields);
        let sorted = json!([
            of("b", "Apply", "2026-01-01T00:00:01Z"),
            of("a", "Apply", "2026-01-01T00:00:02Z"),
            of("c", "Apply", "2026-01-01T00:00:02Z"),
            of("a", "Update", "2026-01-01T00:00:00Z"),
        ]);
        let mut shuffled = sorted.as_array().unwrap().clone();
        shuffled.reverse();
        let owners = decode(Some(&Value::Array(shuffled))).unwrap();
        assert_eq!(encode(&owners), Some(sorted));
    }

    #[test]
    fn a_malformed_entry_is_refused() {
        let check = |entry: Value, expected: &str| {
            assert_eq!(decode(Some(&json!([entry]))), Err(expected.to_owned()));
        };
        check(json!({}), "operation must be `Apply` or `Update`");
        check(json!({"operation": "Apply"}), "apiVersion must not be empty");
        check(
            json!({"operation": "Apply", "apiVersion": "v1"}),
            "missing fieldsType in managed fields entry 0",
        );
        check(
            json!({"operation": "Apply", "apiVersion": "v1", "fieldsType": "V2"}),
            "invalid fieldsType \"V2\" in managed fields entry 0",
        );
    }

    #[test]
    fn the_oldest_updaters_beyond_ten_become_ancient_changes() {
        let field = |index: usize| json!({format!("f:{index}"): {}});
        let time = |index: usize| format!("2026-01-01T00:00:{index:02}Z");
        let entries = (0..12).map(|i| entry(&format!("m{i}"), "Update", &time(i), &field(i)));
        let mut owners = decode(Some(&entries.collect())).unwrap();
        cap_updaters(&mut owners);
        let entries = encode(&owners).unwrap();
        assert_eq!(entries.as_array().unwrap().len(), 10);
        assert_eq!(
            entries[0],
            entry(
                "ancient-changes",
                "Update",
                &time(2),
                &json!({"f:0": {}, "f:1": {}, "f:2": {}})
            )
        );
        assert_eq!(entries[1]["manager"], "m3");
    }

    #[test]
    fn ten_updaters_stay_apart() {
        let entries = (0..10).map(|i| entry(&format!("m{i}"), "Update", "", &json!({"f:a": {}})));
        let mut owners = decode(Some(&entries.collect())).unwrap();
        cap_updaters(&mut owners);
        assert_eq!(owners.len(), 10);
    }
}
