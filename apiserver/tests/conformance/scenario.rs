//! The file format of a scenario, read and written.
//!
//! ```text
//! ### title of the exchange
//! POST /api/v1/namespaces/t1/configmaps
//! as: alice
//! save: uid = metadata.uid
//!
//! {"metadata":{"name":"a"}}
//! --- 201 application/json
//! {"kind":"ConfigMap",…}
//! ```
//!
//! `WATCH` reads a stream to its end; `START name` opens one and `END name` reads what came meanwhile.
//! `until: 404` repeats the request until that status is answered.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::normal::Normalizer;

pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) head: String,
    pub(crate) exchanges: Vec<Exchange>,
}

#[derive(Clone, Default)]
pub(crate) struct Exchange {
    pub(crate) title: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) save: Vec<(String, String)>,
    pub(crate) user: String,
    pub(crate) until: Option<u16>,
    pub(crate) body: String,
    pub(crate) answer: Answer,
}

#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) enum Method {
    #[default]
    Get,
    Other(String),
    Watch,
    Start,
    End,
    Pause,
}

#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) warnings: Vec<String>,
    pub(crate) body: Vec<String>,
}

impl Scenario {
    pub(crate) fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file
            .file_stem()
            .expect("a file's name")
            .to_string_lossy()
            .into_owned();
        let mut parts = text.split("\n### ");
        let head = parts.next().unwrap_or_default().trim_end().to_owned();
        Self {
            name,
            head,
            exchanges: parts.map(Exchange::parse).collect(),
        }
    }

    /// Writes the scenario back with `answers` in place of those it had.
    pub(crate) fn write(&self, file: &Path, answers: &[Answer]) {
        let mut text = self.head.clone();
        text.push('\n');
        for (exchange, answer) in self.exchanges.iter().zip(answers) {
            text.push_str(&format!("\n### {}", exchange.request_text()));
            text.push_str(&answer.to_string());
            text.push('\n');
        }
        fs::write(file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

impl Exchange {
    fn parse(text: &str) -> Self {
        let (request, answer) = text.split_once("\n--- ").unwrap_or((text, ""));
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let mut lines = head.lines();
        let title = lines.next().unwrap_or_default().trim().to_owned();
        let (method, path) = lines
            .next()
            .and_then(|line| line.split_once(' '))
            .expect("a request line");
        let mut exchange = Self {
            title,
            method: Method::parse(method),
            path: path.to_owned(),
            body: body.trim_end().to_owned(),
            answer: Answer::parse(answer),
            ..Self::default()
        };
        lines
            .filter(|line| !line.is_empty())
            .for_each(|line| exchange.header(line));
        exchange
    }

    fn header(&mut self, line: &str) {
        let (key, value) = line
            .split_once(": ")
            .unwrap_or_else(|| panic!("not a header: {line}"));
        match key {
            "as" => self.user = value.to_owned(),
            "until" => self.until = Some(value.parse().expect("a status code")),
            "save" => {
                let (name, path) = value.split_once(" = ").expect("name = path");
                self.save.push((name.to_owned(), path.to_owned()));
            }
            _ => self.headers.push((key.to_owned(), value.to_owned())),
        }
    }

    fn request_text(&self) -> String {
        let mut text = format!("{}\n{} {}\n", self.title, self.method, self.path);
        let mut line = |key: &str, value: &str| text.push_str(&format!("{key}: {value}\n"));
        if !self.user.is_empty() {
            line("as", &self.user);
        }
        if let Some(status) = self.until {
            line("until", &status.to_string());
        }
        self.save
            .iter()
            .for_each(|(name, path)| line("save", &format!("{name} = {path}")));
        self.headers.iter().for_each(|(key, value)| line(key, value));
        if !self.body.is_empty() {
            text.push_str(&format!("\n{}\n", self.body));
        }
        text
    }

    /// The exchange with saved values filled in for `{{name}}`.
    pub(crate) fn filled(&self, normalizer: &Normalizer) -> Self {
        let mut filled = self.clone();
        filled.path = normalizer.fill(&self.path);
        filled.body = normalizer.fill(&self.body);
        filled
            .headers
            .iter_mut()
            .for_each(|(_, value)| *value = normalizer.fill(value));
        filled
    }

    /// A moment for controllers to work.
    pub(crate) fn pause() -> Self {
        Self {
            method: Method::Pause,
            ..Self::default()
        }
    }
}

impl Method {
    fn parse(word: &str) -> Self {
        match word {
            "GET" => Self::Get,
            "WATCH" => Self::Watch,
            "START" => Self::Start,
            "END" => Self::End,
            "PAUSE" => Self::Pause,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Watch => "WATCH",
            Self::Start => "START",
            Self::End => "END",
            Self::Pause => "PAUSE",
            Self::Other(method) => method,
        })
    }
}

impl Answer {
    fn parse(text: &str) -> Self {
        let mut lines = text.trim_end().lines();
        let head = lines.next().unwrap_or_default();
        let (status, content_type) = head.split_once(' ').unwrap_or((head, ""));
        let mut answer = Self {
            status: status.parse().unwrap_or_default(),
            content_type: content_type.to_owned(),
            ..Self::default()
        };
        for line in lines {
            match line.strip_prefix("warning: ") {
                Some(warning) => answer.warnings.push(warning.to_owned()),
                None => answer.body.push(line.to_owned()),
            }
        }
        answer
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--- {} {}", self.status, self.content_type)?;
        self.warnings
            .iter()
            .try_for_each(|warning| write!(f, "\nwarning: {warning}"))?;
        self.body.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}
