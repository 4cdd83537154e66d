//! The table, held against a server.

use http::Request;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate::crd::{Declaration, Deprecation, Scope};
use krate_testing::{Cluster, Result};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

use crate::row::Row;
use crate::{collections, corners, enums, fields, kubernetes, operators, scalars, structure};

const GROUP: &str = "shapes.example.com";

fn rows() -> Vec<Row> {
    let rooms = [
        scalars::rows(),
        collections::rows(),
        enums::rows(),
        fields::rows(),
        structure::rows(),
        kubernetes::rows(),
        operators::rows(),
        corners::rows(),
    ];
    rooms.into_iter().flatten().collect()
}

/// What a server said.
struct Answer {
    code: u16,
    warnings: Vec<String>,
    body: Value,
}

impl Answer {
    fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

async fn post(client: &Client, path: &str, body: &Value) -> Answer {
    let request = Request::post(path).header("content-type", "application/json");
    let request = request
        .body(Body::from(body.to_string().into_bytes()))
        .expect("a request");
    let response = client.send(request).await.expect("an answer");
    let warnings = response.headers().get_all("warning").iter();
    let warnings = warnings
        .map(|it| it.to_str().unwrap_or_default().to_owned())
        .collect();
    let code = response.status().as_u16();
    let bytes = response
        .into_body()
        .collect_bytes()
        .await
        .expect("the whole answer");
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    Answer { code, warnings, body }
}

/// Names of the kind of a line.
struct Names {
    kind: String,
    plural: String,
}

impl Names {
    fn of(index: usize) -> Self {
        Self {
            kind: format!("Row{index}"),
            plural: format!("row{index}s"),
        }
    }

    fn definition(&self, row: &Row) -> Result<CustomResourceDefinition, String> {
        let schema = (row.schema)().map_err(|error| error.to_string())?;
        // A declaration is made once per kind, by the derive; here it is made for as long as the test runs.
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let declaration = Declaration {
            group: GROUP,
            version: "v1",
            kind: leak(self.kind.clone()),
            plural: leak(self.plural.clone()),
            singular: leak(self.kind.to_lowercase()),
            crd_name: leak(format!("{}.{GROUP}", self.plural)),
            scope: Scope::Cluster,
            shortnames: &[],
            categories: &[],
            columns: &[],
            selectable: &[],
            status: false,
            scale: None,
            annotations: &[],
            labels: &[],
            storage: true,
            served: true,
            skip: false,
            deprecation: Deprecation::None,
        };
        Ok(declaration.definition(Some(schema)))
    }
}

/// One line on one server, and everything that is not as it should be.
struct Trial<'a> {
    client: Client,
    row: &'a Row,
    names: Names,
    objects: usize,
    faults: Vec<String>,
}

impl Trial<'_> {
    fn fault(&mut self, what: &str) {
        self.faults.push(format!("{}: {what}", self.row.name));
    }

    async fn install(&mut self, cluster: &Cluster) -> bool {
        let definition = match self.names.definition(self.row) {
            Ok(definition) => definition,
            Err(error) => {
                self.fault(&error);
                return false;
            }
        };
        let body = serde_json::to_value(&definition).expect("a definition is JSON");
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All";
        let answer = post(&self.client, path, &body).await;
        if answer.code != 201 || !answer.warnings.is_empty() {
            self.fault(&format!(
                "the definition: {} {:?}",
                answer.message(),
                answer.warnings
            ));
            return false;
        }
        if let Err(error) = cluster.install_definition(&definition).await {
            self.fault(&format!("the definition: {error}"));
            return false;
        }
        true
    }

    async fn create(&mut self, spec: &Value) -> Answer {
        self.objects += 1;
        let object = json!({
            "apiVersion": format!("{GROUP}/v1"),
            "kind": self.names.kind,
            "metadata": {"name": format!("object-{}", self.objects)},
            "spec": spec,
        });
        let path = format!("/apis/{GROUP}/v1/{}", self.names.plural);
        post(&self.client, &path, &object).await
    }

    /// What serde writes is taken, and comes back such that serde reads the same.
    async fn taken(&mut self, spec: &Value) {
        let answer = self.create(spec).await;
        let kept = &answer.body["spec"];
        if answer.code != 201 {
            self.fault(&format!("refuses {spec}: {}", answer.message()));
        } else if !covers(kept, spec) {
            self.fault(&format!("keeps {kept} of {spec}"));
        } else if (self.row.trip)(kept.clone()).ok() != (self.row.trip)(spec.clone()).ok() {
            self.fault(&format!("{spec} is read back from {kept} as something else"));
        }
    }

    async fn written(&mut self, spec: Value) {
        match (self.row.trip)(spec.clone()) {
            Ok(written) => self.taken(&written).await,
            Err(error) => self.fault(&format!("serde does not read {spec}: {error}")),
        }
    }

    /// What serde refuses is refused, or becomes something that serde reads.
    async fn refused(&mut self, spec: &Value) {
        if let Ok(read) = (self.row.trip)(spec.clone()) {
            return self.fault(&format!("serde reads {spec} as {read}"));
        }
        let answer = self.create(spec).await;
        let mended = answer.code == 201 && (self.row.trip)(answer.body["spec"].clone()).is_ok();
        if answer.code != 422 && !mended {
            self.fault(&format!("{} for {spec}: {}", answer.code, answer.body));
        }
    }

    async fn let_pass(&mut self, spec: &Value) {
        let refused = (self.row.trip)(spec.clone()).is_err();
        let answer = self.create(spec).await;
        if !refused || answer.code != 201 {
            self.fault(&format!(
                "{spec} is no exception: {} {}",
                answer.code,
                answer.message()
            ));
        }
    }

    async fn run(mut self) -> Vec<String> {
        let spec = |value: &Value| json!({"value": value});
        for value in &self.row.taken {
            self.taken(&spec(value)).await;
            self.written(spec(value)).await;
        }
        for value in &self.row.read {
            self.written(spec(value)).await;
        }
        for value in &self.row.refused {
            self.refused(&spec(value)).await;
        }
        for value in &self.row.let_pass {
            self.let_pass(&spec(value)).await;
        }
        for value in &self.row.forbidden {
            self.sent(&spec(value), 422).await;
        }
        for value in &self.row.sent {
            self.sent(&spec(value), 201).await;
        }
        if self.row.with_common {
            self.common().await;
        }
        self.faults
    }

    async fn common(&mut self) {
        let spec = |value: &Value| json!({"value": value});
        let common = Row::common().into_iter().map(|value| spec(&value));
        for spec in common.chain([json!({})]) {
            if self.row.let_pass.contains(&spec["value"]) {
                continue;
            }
            match (self.row.trip)(spec.clone()) {
                Ok(written) => self.taken(&written).await,
                Err(_) => self.refused(&spec).await,
            }
        }
    }

    async fn sent(&mut self, spec: &Value, expected: u16) {
        if let Err(error) = (self.row.trip)(spec.clone()) {
            self.fault(&format!("serde does not read {spec}: {error}"));
        }
        let answer = self.create(spec).await;
        if answer.code != expected {
            self.fault(&format!("{} for {spec}: {}", answer.code, answer.message()));
        }
    }
}

/// Whether everything that was sent is there; null and absent are the same.
fn covers(kept: &Value, sent: &Value) -> bool {
    match (kept, sent) {
        (Value::Object(kept), Value::Object(sent)) => sent.iter().all(|(name, sent)| {
            kept.get(name)
                .map_or_else(|| sent.is_null(), |kept| covers(kept, sent))
        }),
        (Value::Array(kept), Value::Array(sent)) => {
            kept.len() == sent.len() && kept.iter().zip(sent).all(|(kept, sent)| covers(kept, sent))
        }
        (Value::Number(kept), Value::Number(sent)) => kept.as_f64() == sent.as_f64(),
        (kept, sent) => kept == sent,
    }
}

/// Sends the definitions of whole kinds, of which nothing is kept.
async fn check_kinds(cluster: &Cluster) -> Vec<String> {
    let mut faults = Vec::new();
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All";
    for (name, definition) in corners::kinds() {
        let definition = match definition {
            Ok(definition) => serde_json::to_value(&definition).expect("a definition is JSON"),
            Err(error) => {
                faults.push(format!("{name}: {error}"));
                continue;
            }
        };
        let answer = post(&cluster.client(), path, &definition).await;
        if answer.code != 201 || !answer.warnings.is_empty() {
            faults.push(format!("{name}: {} {:?}", answer.message(), answer.warnings));
        }
    }
    faults
}

async fn check(cluster: &Cluster) -> Result<()> {
    let mut faults = check_kinds(cluster).await;
    let mut trials = Vec::new();
    let rows = rows();
    // A real API server holds up the first object of a definition that is only just there, so all come first.
    for (index, row) in rows.iter().enumerate() {
        let mut trial = Trial {
            client: cluster.client(),
            row,
            names: Names::of(index),
            objects: 0,
            faults: Vec::new(),
        };
        match trial.install(cluster).await {
            true => trials.push(trial),
            false => faults.append(&mut trial.faults),
        }
    }
    for trial in trials {
        faults.extend(trial.run().await);
    }
    assert!(
        faults.is_empty(),
        "{} of {} rows:\n{}",
        faults.len(),
        rows.len(),
        faults.join("\n")
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_embedded_api_server_agrees_with_serde_on_every_row() -> Result<()> {
    check(&Cluster::embedded()?).await
}

#[tokio::test]
async fn a_real_api_server_agrees_with_serde_on_every_row() -> Result<()> {
    match Cluster::real().await? {
        Some(cluster) => check(&cluster).await,
        None => Ok(()),
    }
}
