//! A real kube-apiserver, spoken to with curl; only used to record answers.

use std::collections::BTreeMap;
use std::env;
use std::process::{Child, Command, Stdio};

use crate::Backend;
use crate::scenario::{Answer, Exchange, Method};

pub(crate) fn wanted() -> bool {
    env::var_os("KRATE_RECORD").is_some()
}

pub(crate) struct Real {
    url: String,
    token: String,
    streams: BTreeMap<String, Child>,
}

impl Real {
    pub(crate) fn from_env() -> Self {
        let var = |name| env::var(name).unwrap_or_else(|_| panic!("{name} must be set to record"));
        Self {
            url: var("KRATE_RECORD"),
            token: var("KRATE_RECORD_TOKEN"),
            streams: BTreeMap::new(),
        }
    }

    fn curl(&self, exchange: &Exchange) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["-sk", "-N", "--path-as-is", "--max-time", "90"]);
        // The head goes apart from the body.
        curl.args(["-D", "/dev/stderr"]);
        if let Method::Other(method) = &exchange.method {
            curl.args(["-X", method]);
        }
        for (key, value) in self.headers(exchange) {
            curl.args(["-H", &format!("{key}: {value}")]);
        }
        if !exchange.body.is_empty() {
            curl.args(["--data-binary", &exchange.body]);
        }
        curl.arg(format!("{}{}", self.url, exchange.path));
        curl.stdout(Stdio::piped()).stderr(Stdio::piped());
        curl
    }

    fn headers(&self, exchange: &Exchange) -> Vec<(String, String)> {
        let mut headers = exchange.headers.clone();
        let has = |name: &str| {
            exchange
                .headers
                .iter()
                .any(|(key, _)| key.eq_ignore_ascii_case(name))
        };
        let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
        match exchange.user.as_str() {
            "anonymous" => {}
            "" => add("Authorization", format!("Bearer {}", self.token)),
            "nobody" => add("Authorization", "Bearer nonsense".to_owned()),
            user => add("Authorization", format!("Bearer {user}-token")),
        }
        if !has("user-agent") {
            add("User-Agent", "story/1".to_owned());
        }
        if !has("content-type") && !exchange.body.is_empty() {
            add("Content-Type", "application/json".to_owned());
        }
        headers
    }
}

impl Backend for Real {
    async fn call(&mut self, exchange: &Exchange) -> Answer {
        match exchange.method {
            Method::Pause => {
                Command::new("sleep").arg("0.3").status().expect("sleep runs");
                Answer::default()
            }
            Method::Start => {
                let (name, path) = exchange.path.split_once(' ').expect("START name path");
                let request = Exchange {
                    path: path.to_owned(),
                    method: Method::Watch,
                    ..exchange.clone()
                };
                self.streams
                    .insert(name.to_owned(), self.curl(&request).spawn().expect("curl runs"));
                Command::new("sleep").arg("0.5").status().expect("sleep runs");
                Answer::default()
            }
            Method::End => {
                let child = self
                    .streams
                    .remove(exchange.path.trim())
                    .expect("a stream of this name was started");
                answer(&child.wait_with_output().expect("curl ends"))
            }
            _ => answer(&self.curl(exchange).output().expect("curl runs")),
        }
    }
}

fn answer(output: &std::process::Output) -> Answer {
    let head = String::from_utf8_lossy(&output.stderr);
    let mut answer = Answer::default();
    for line in head.lines() {
        match line.split_once(": ") {
            None if line.starts_with("HTTP/") => {
                answer.status = line
                    .split(' ')
                    .nth(1)
                    .and_then(|code| code.parse().ok())
                    .unwrap_or_default();
            }
            Some((key, value)) if key.eq_ignore_ascii_case("content-type") => {
                value.clone_into(&mut answer.content_type)
            }
            Some((key, value)) if key.eq_ignore_ascii_case("warning") => {
                answer.warnings.push(value.trim().to_owned())
            }
            _ => {}
        }
    }
    let body = String::from_utf8_lossy(&output.stdout).into_owned();
    answer.body = lines(&body);
    answer
}

/// A body as lines: a document on one line, a stream an event a line, text as it is.
pub(crate) fn lines(body: &str) -> Vec<String> {
    let body = body.trim_end();
    match serde_json::from_str::<serde_json::Value>(body) {
        Ok(value) => vec![value.to_string()],
        Err(_) => body.lines().map(str::to_owned).collect(),
    }
}
