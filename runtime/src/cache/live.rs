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
    let request = Request::new(kind.url_path(key.namespace()));
    let request = match K::metadata_api() {
        true => request.get_metadata(key.name(), &GetParams::default()),
        false => request.get(key.name(), &GetParams::default()),
    };
    match client
        .request::<K>(request.map_err(kube::Error::BuildRequest)?)
        .await
    {
        Ok(object) => Ok(Some(object)),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
        Err(error) => Err(error),
    }
}
