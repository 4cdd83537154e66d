//! The requests of one case, and what the server says to them.

use http::request::Builder;
use http::{Method, Request};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate_testing::{PATIENCE, eventually};
use kube::client::Body;
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::case::{Case, Step};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// Paths of causes and what stands for them, longest first.
const SHORT: [(&str, &str); 3] = [
    (
        "spec.validation.openAPIV3Schema.properties[spec].properties[value]",
        "<value>",
    ),
    ("spec.validation.openAPIV3Schema.properties[spec]", "<spec>"),
    ("spec.validation.openAPIV3Schema", "<schema>"),
];

/// A case on a server.
pub(crate) struct Trial<'a> {
    client: Client,
    case: &'a Case,
    group: String,
    /// Nothing is kept of a case that is one definition.
    dry: bool,
    /// The last answer to a definition.
    definition: Value,
    /// How many definitions were written.
    definitions: usize,
}

/// What a server said.
struct Answer {
    code: u16,
    warnings: Vec<String>,
    body: Value,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(client: Client, case: &'a Case, group: String) -> Self {
        let writes = case.steps.iter().filter(|step| step.verb != "stored");
        Self {
            client,
            case,
            group,
            dry: writes.count() == 1,
            definition: Value::Null,
            definitions: 0,
        }
    }

    /// Returns the case as the server answers it, if that is not what is expected.
    pub(crate) async fn run(mut self) -> Option<String> {
        let mut shown = format!("== {}", self.case.title);
        let mut same = true;
        for step in &self.case.steps {
            let said = self.step(step).await;
            same &= said == step.expected;
            shown = format!("{shown}\n{}", step.text);
            for line in said {
                shown = format!("{shown}\n> {line}");
            }
        }
        (!same).then_some(shown)
    }

    async fn step(&mut self, step: &Step) -> Vec<String> {
        let value = &step.value;
        match step.verb.as_str() {
            "crd" => self.define(value).await,
            "schema" => self.define(&with_schema(value)).await,
            "spec" => self.define(&with_schema(&under("spec", value))).await,
            "value" => {
                let schema = under("spec", &under("value", value));
                self.define(&with_schema(&schema)).await
            }
            "stored" => vec![self.own(&self.definition["spec"].to_string())],
            "conditions" => self.conditions().await,
            "remove" => self.remove().await,
            _ => self.object(step).await,
        }
    }

    async fn define(&mut self, change: &Value) -> Vec<String> {
        let mut definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("things.{}", self.group)},
            "spec": {
                "group": self.group,
                "names": {"plural": "things", "kind": "Thing"},
                "scope": "Cluster",
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}],
            },
        });
        merge(&mut definition, change);
        if !self.dry {
            self.mark(&mut definition);
        }
        let name = definition["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let path = format!("{DEFINITIONS}/{name}");
        let before = self.get(&path).await;
        let answer = if before.code == 200 {
            let version = &before.body["metadata"]["resourceVersion"];
            definition["metadata"]["resourceVersion"] = version.clone();
            self.send(Method::PUT, &path, Some(&definition)).await
        } else {
            let dry = if self.dry { "?dryRun=All" } else { "" };
            self.send(Method::POST, &format!("{DEFINITIONS}{dry}"), Some(&definition))
                .await
        };
        if answer.code < 300 && !self.dry {
            self.settled(&name).await;
        }
        self.definition = answer.body.clone();
        self.said(&answer)
    }

    /// Waits until it is decided whether the definition is served, and if so, until it is.
    async fn settled(&self, name: &str) {
        let definitions: Api<CustomResourceDefinition> = Api::all(self.client.clone());
        let decided = |crd: &CustomResourceDefinition| {
            let status = crd.status.iter();
            let mut conditions = status.flat_map(|status| status.conditions.iter().flatten());
            conditions.any(|one| match one.type_.as_str() {
                "Established" => one.status == "True",
                _ => one.status == "False",
            })
        };
        let crd = eventually(&definitions, name, decided).await.expect("a decision");
        let mut versions = crd.spec.versions.iter();
        let plural = &crd.spec.names.plural;
        let Some(version) = versions.find(|version| version.served) else {
            return;
        };
        let path = format!("/apis/{}/{}/{plural}", self.group, version.name);
        let status = crd.status.iter();
        let mut conditions = status.flat_map(|status| status.conditions.iter().flatten());
        if conditions.all(|one| one.status == "True") {
            let served = async { while !self.is_served(&path).await {} };
            let served = tokio::time::timeout(PATIENCE, served).await;
            served.expect("what is established is served");
        }
    }

    /// Whether the columns of the last definition are in tables: then its schema is in use, too.
    async fn is_served(&self, path: &str) -> bool {
        let request = Request::get(path).header("accept", "application/json;as=Table;g=meta.k8s.io;v=v1");
        let table = self.exchange(request, None).await.body;
        let mut columns = table["columnDefinitions"].as_array().into_iter().flatten();
        let wanted = self.column();
        columns.any(|column| column["name"] == wanted.as_str())
    }

    /// A column that tells one definition from the one before.
    fn column(&self) -> String {
        format!("Definition {}", self.definitions)
    }

    /// Gives a definition that is kept its column.
    fn mark(&mut self, definition: &mut Value) {
        self.definitions += 1;
        let column = json!([{"name": self.column(), "type": "string", "jsonPath": ".metadata.name"}]);
        let versions = definition["spec"]["versions"].as_array_mut();
        for version in versions.into_iter().flatten() {
            version["additionalPrinterColumns"] = column.clone();
        }
    }

    /// Deletes the definition, and waits until its objects are being deleted.
    async fn remove(&self) -> Vec<String> {
        let name = self.definition["metadata"]["name"].as_str().unwrap_or_default();
        let answer = self
            .send(Method::DELETE, &format!("{DEFINITIONS}/{name}"), None)
            .await;
        let definitions: Api<CustomResourceDefinition> = Api::all(self.client.clone());
        let going = |crd: &CustomResourceDefinition| {
            let status = crd.status.iter();
            let mut conditions = status.flat_map(|status| status.conditions.iter().flatten());
            conditions.any(|one| one.reason.as_deref() == Some("InstanceDeletionInProgress"))
        };
        eventually(&definitions, name, going)
            .await
            .expect("an object stays");
        self.said(&answer)
    }

    async fn conditions(&self) -> Vec<String> {
        let name = self.definition["metadata"]["name"].as_str().unwrap_or_default();
        let crd = self.get(&format!("{DEFINITIONS}/{name}")).await.body;
        let conditions = crd["status"]["conditions"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut lines: Vec<String> = conditions
            .map(|one| {
                let [kind, status, reason, message] =
                    ["type", "status", "reason", "message"].map(|field| text(&one[field]));
                format!("{kind}={status} {reason} {message}")
            })
            .collect();
        lines.sort();
        lines.push(crd["status"]["acceptedNames"].to_string());
        lines.iter().map(|line| self.own(line)).collect()
    }

    async fn object(&mut self, step: &Step) -> Vec<String> {
        let all = format!("/apis/{}/{}/things", self.group, step.version);
        let one = format!("{all}/a");
        let mut object = match step.verb.as_str() {
            "create" => json!({
                "apiVersion": format!("{}/{}", self.group, step.version),
                "kind": "Thing",
                "metadata": {"name": "a"},
            }),
            _ => self.get(&one).await.body,
        };
        match step.verb.as_str() {
            // Nothing is there that null could remove.
            "create" => overlay(&mut object, &step.value),
            _ => merge(&mut object, &step.value),
        }
        let answer = match step.verb.as_str() {
            "create" => self.send(Method::POST, &all, Some(&object)).await,
            "update" => self.send(Method::PUT, &one, Some(&object)).await,
            "status" => {
                self.send(Method::PUT, &format!("{one}/status"), Some(&object))
                    .await
            }
            "patch" => self.send(Method::PATCH, &one, Some(&step.value)).await,
            "get" => self.get(&one).await,
            "delete" => self.send(Method::DELETE, &one, None).await,
            verb => panic!("`{verb}` is no verb"),
        };
        self.said(&answer)
    }

    fn said(&self, answer: &Answer) -> Vec<String> {
        let body = &answer.body;
        let kept = |fields: &serde_json::Map<String, Value>| {
            let own = ["apiVersion", "kind", "metadata"];
            let kept = fields.iter().filter(|(name, _)| !own.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
        };
        let mut lines = vec![answer.code.to_string()];
        lines.extend(answer.warnings.iter().map(|it| format!("warning: {it}")));
        let causes = body["details"]["causes"].as_array();
        match (answer.code, causes) {
            (..300, _) if body["kind"] == "Thing" => {
                let kept = body.as_object().map(kept).unwrap_or_default();
                let kept = kept.to_string();
                lines[0] = match kept.len() {
                    ..500 => format!("{} {kept}", answer.code),
                    length => format!("{} {length} bytes", answer.code),
                };
            }
            (..300, _) => {}
            (_, Some(causes)) => {
                let mut causes: Vec<String> = causes.iter().map(cause).collect();
                causes.sort();
                lines.extend(causes);
            }
            _ => lines.push(body["message"].as_str().unwrap_or_default().trim().to_owned()),
        }
        lines.iter().map(|line| self.own(line)).collect()
    }

    fn own(&self, text: &str) -> String {
        text.replace(&self.group, "<group>")
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let kind = match method {
            Method::PATCH => "application/merge-patch+json",
            _ => "application/json",
        };
        let request = Request::builder().method(method).uri(path);
        self.exchange(request.header("content-type", kind), body).await
    }

    async fn exchange(&self, request: Builder, body: Option<&Value>) -> Answer {
        let bytes = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let request = request.body(Body::from(bytes)).expect("a request");
        let response = self.client.send(request).await.expect("an answer");
        let code = response.status().as_u16();
        let headers = response.headers().get_all("warning").iter();
        let mut warnings: Vec<String> = headers
            .filter_map(|it| it.to_str().ok())
            .map(|it| {
                let text = it.trim_start_matches("299 - \"");
                let text = text.strip_suffix('"').unwrap_or(text);
                text.replace("\\\"", "\"")
            })
            .collect();
        warnings.sort();
        let bytes = response
            .into_body()
            .collect_bytes()
            .await
            .expect("the whole answer");
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| json!({"message": String::from_utf8_lossy(&bytes)}));
        Answer { code, warnings, body }
    }
}

fn cause(cause: &Value) -> String {
    let text = |field: &str| {
        let text = cause[field].as_str().unwrap_or_default().to_owned();
        let short = SHORT
            .iter()
            .fold(text, |text, (long, short)| text.replace(long, short));
        short.replace('\n', "\\n")
    };
    let reason = text("reason");
    let reason = reason.trim_start_matches("FieldValue");
    format!("{reason} {} | {}", text("field"), text("message"))
}

fn with_schema(schema: &Value) -> Value {
    json!({"spec": {"versions": [
        {"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}},
    ]}})
}

fn under(name: &str, schema: &Value) -> Value {
    json!({"type": "object", "properties": {name: schema}})
}

/// A merge patch.
fn merge(target: &mut Value, change: &Value) {
    let Some(fields) = change.as_object() else {
        *target = change.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in fields {
        if value.is_null() {
            target.as_object_mut().expect("made above").remove(name);
        } else {
            merge(&mut target[name.as_str()], value);
        }
    }
}

/// Fields over fields, null among them.
fn overlay(target: &mut Value, fields: &Value) {
    match (target.as_object_mut(), fields.as_object()) {
        (Some(target), Some(fields)) => {
            for (name, value) in fields {
                overlay(target.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        _ => *target = fields.clone(),
    }
}
