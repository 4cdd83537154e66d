//! One object straight from the server, for the keys a store is uncertain about.

use kube::Client;
use kube::api::GetParams;
use kube::core::Request;

use super::{Cached, ObjectKey};
use crate::Kind;

/// Gets an object, `None` if there is none; works for both scopes.
pub(crate) async fn fetch<K: Cached>(
    client: &Client,
    kind: &Kind,
    key: &ObjectKey,
) -> Result<Option<K>, kube::Error> {
    let text = text(client, kind, key, K::metadata_api()).await?;
    let object = text.map(|text| serde_json::from_str(&text));
    object.transpose().map_err(kube::Error::SerdeError)
}

async fn text(
    client: &Client,
    kind: &Kind,
    key: &ObjectKey,
    metadata_only: bool,
) -> Result<Option<String>, kube::Error> {
    let request = get_request(kind, key, metadata_only).map_err(kube::Error::BuildRequest)?;
    match client.request_text(request).await {
        Ok(text) => Ok(Some(text)),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
        Err(error) => Err(error),
    }
}

/// Builds the request for an object, or its metadata.
pub(crate) fn get_request(
    kind: &Kind,
    key: &ObjectKey,
    metadata_only: bool,
) -> Result<http::Request<Vec<u8>>, kube::core::request::Error> {
    let request = Request::new(kind.url_path(key.namespace()));
    match metadata_only {
        true => request.get_metadata(key.name(), &GetParams::default()),
        false => request.get(key.name(), &GetParams::default()),
    }
}
