//! The `clientConfig` of a webhook: a URL or a service, and the authority to trust.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::Value;

/// How a webhook is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// Absolute, without a query: `https://svc.ns.svc:443/path` for a service.
    pub(crate) url: String,
    /// The service behind the URL, if it names one.
    pub(crate) service: Option<ServiceReference>,
    /// PEM certificates of the only authorities to trust; `None` trusts those of the machine.
    pub(crate) authorities: Option<Bytes>,
}

/// A port of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceReference {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) port: u16,
}

impl Client {
    /// Reads a `clientConfig` of an admission webhook or of a conversion.
    pub(crate) fn new(config: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let bundle = BASE64_STANDARD
            .decode(text(&config["caBundle"]))
            .unwrap_or_default();
        let service = &config["service"];
        let service = service.is_object().then(|| ServiceReference {
            namespace: text(&service["namespace"]),
            name: text(&service["name"]),
            port: service["port"]
                .as_u64()
                .and_then(|port| u16::try_from(port).ok())
                .unwrap_or(443),
        });
        let url = match &service {
            Some(service) => service.url(config["service"]["path"].as_str().unwrap_or_default()),
            None => with_path(&text(&config["url"])),
        };
        Self {
            url,
            service,
            authorities: (!bundle.is_empty()).then(|| bundle.into()),
        }
    }
}

impl ServiceReference {
    fn url(&self, path: &str) -> String {
        let Self {
            namespace,
            name,
            port,
        } = self;
        let path = path.trim_start_matches('/');
        format!("https://{name}.{namespace}.svc:{port}/{path}")
    }
}

/// A URL of a host alone has the path `/`.
fn with_path(url: &str) -> String {
    match url.split_once("://") {
        Some((_, rest)) if !rest.contains('/') => format!("{url}/"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_is_called_by_its_name() {
        let cases = [
            (json!({"url": "https://127.0.0.1:1"}), "https://127.0.0.1:1/"),
            (json!({"url": "https://a.b/x"}), "https://a.b/x"),
            (
                json!({"service": {"name": "s", "namespace": "n"}}),
                "https://s.n.svc:443/",
            ),
            (
                json!({"service": {"name": "s", "namespace": "n", "port": 9443, "path": "/convert"}}),
                "https://s.n.svc:9443/convert",
            ),
        ];
        for (config, expected) in cases {
            assert_eq!(Client::new(&config).url, expected, "{config}");
        }
    }
}
